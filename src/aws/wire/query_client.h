// QueryClient: a service that speaks the AWS query protocol (RDS, STS, IAM, SNS): a form goes out,
// XML comes back.
//
// Paging happens here and nowhere else, so that no caller can forget a page, or a parameter on the
// second one.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "aws/wire/signed_sender.h"
#include "aws/wire/xml.h"
#include "net/url.h"

namespace tidemark::aws {

// Names and values, as in "Tags.Tag.1.Key".
using Params = net::Fields;

struct QueryService {
  std::string endpoint;  // from endpoint_of()
  std::string version;   // "2014-10-31"
  SigningScope scope;    // region and service
};

inline constexpr std::size_t kPagesMax = 100'000;

// The <...Result> element of an answer, or none: some actions have nothing to say.
XmlNode result_of(const XmlDocument& answer);

// Thread-safe, when what it borrows is.
class QueryClient {
 public:
  QueryClient(QueryService service, SenderParts parts, SenderOptions options = {});

  // Done when the service confirmed it: anything but <ActionResponse> is an error, whatever its
  // status. See signed_sender.h for what a lost answer means to an action that changes something.
  Result<XmlDocument> call(std::string_view action, const Params& params,
                           Attempts attempts = Attempts::by_policy);

  // Calls visit with the <...Result> of each page and stops at its first error. All parameters go
  // with every page. Returns success only when the service said that there are no more pages. Fails
  // with corrupt when its markers go round in circles or never end.
  //
  // An empty list is a list element without members: a caller should insist on the element.
  Status for_each_page(std::string_view action, const Params& params,
                       const std::function<Status(const XmlNode& result)>& visit);

  // See SignedSender.
  std::optional<Millis> clock_skew() const { return sender_.clock_skew(); }
  std::uint64_t call_count() const { return sender_.request_count(); }
  std::uint64_t retry_count() const { return sender_.retry_count(); }

 private:
  const QueryService service_;
  SignedSender sender_;
};

}  // namespace tidemark::aws
