#include "aws/wire/query_client.h"

#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "aws/wire/service_error.h"

namespace tidemark::aws {
namespace {

// Fails with unavailable when a success is not the answer to this action: a captive portal or a
// wrong endpoint can speak XML, too.
Status check_answer(const XmlDocument& answer, std::string_view action) {
  const std::string_view name = answer.root().name();
  if (name.size() == action.size() + 8 && name.starts_with(action) && name.ends_with("Response"))
    return Done{};
  return Error{ErrorKind::unavailable, "something other than the service answered",
               "Check the endpoint, and what stands between this machine and AWS."};
}

Error paging_error(std::string_view action, std::string_view what) {
  return Error{ErrorKind::corrupt, fmt::format("{}: {}", action, what)};
}

}  // namespace

XmlNode result_of(const XmlDocument& answer) {
  for (const XmlNode child : answer.root().children())
    if (child.name().ends_with("Result")) return child;
  return {};
}

QueryClient::QueryClient(QueryService service, SenderParts parts, SenderOptions options)
    : service_(std::move(service)), sender_(parts, sign_for(service_.scope), std::move(options)) {}

Result<XmlDocument> QueryClient::call(std::string_view action, const Params& params,
                                      Attempts attempts) {
  Params form{{"Action", std::string(action)}, {"Version", service_.version}};
  form.insert(form.end(), params.begin(), params.end());
  net::HttpRequest request;
  request.method = "POST";
  request.url = service_.endpoint + "/";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = net::form_encode(form);

  std::optional<XmlDocument> answer;
  const auto read = [&](net::HttpResponse& response) -> Status {
    answer = TRY(read_xml(std::move(response)));
    return check_answer(*answer, action);
  };
  TRY(sender_.send(action, std::move(request), read, attempts));
  return *std::move(answer);
}

Status QueryClient::for_each_page(std::string_view action, const Params& params,
                                  const std::function<Status(const XmlNode& result)>& visit) {
  // Hashes: two markers that collide would end the listing with an error, never early.
  std::unordered_set<std::size_t> seen;
  std::string marker;
  for (std::size_t page = 0; page < kPagesMax; ++page) {
    Params with_marker = params;
    if (!marker.empty()) with_marker.emplace_back("Marker", marker);
    const XmlDocument answer = TRY(call(action, with_marker));
    const XmlNode result = result_of(answer);
    if (!result) return paging_error(action, "a page without a result");
    TRY(visit(result));
    marker = result.text("Marker");
    if (marker.empty()) return Done{};
    if (!seen.insert(std::hash<std::string>{}(marker)).second)
      return paging_error(action, "the same page came again");
  }
  return paging_error(action, fmt::format("more than {} pages", kPagesMax));
}

}  // namespace tidemark::aws
