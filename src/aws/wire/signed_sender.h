// SignedSender: one call to a service, with all that its attempts need: credentials, a new
// signature each, retries, a corrected clock.
//
// A request that changes something is repeated by the same rules when its answer was lost. That is
// sound only where the request names what it makes: the repetition then meets its own first
// attempt, and the caller sees already_exists (or, for a deletion, not_found) and must look at what
// is there. What names a thing that may be another one by the time of a repetition, such as a
// deletion, is sent once.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "aws/auth/credentials.h"
#include "aws/auth/sigv4.h"
#include "base/clock.h"
#include "base/retry.h"
#include "net/http.h"

namespace tidemark::aws {

using SignFunction = std::function<Status(net::HttpRequest&, const Credentials&, TimePoint)>;

SignFunction sign_for(SigningScope scope);

// One attempt, for whoever wants to log or count it.
struct AttemptRecord {
  std::string_view call;
  int attempt = 1;
  int status = 0;  // 0: no answer
  std::string request_id;
  Millis took{0};
  const Error* error = nullptr;  // or nullptr: it succeeded
};
using AttemptObserver = std::function<void(const AttemptRecord&)>;

// Writes it to the log, at debug level.
void log_attempt(const AttemptRecord& record);

enum class Attempts { by_policy, one };

// All borrowed.
struct SenderParts {
  net::HttpTransport& transport;
  CredentialProvider& credentials;
  Clock& clock;
};

struct SenderOptions {
  RetryPolicy retry;
  std::uint64_t jitter_seed = 0;  // another one for each process
  AttemptObserver observe = log_attempt;
};

// Thread-safe, when what it borrows is.
class SignedSender {
 public:
  // Makes of a response what the caller wants, or the error it stands for. Called once for each
  // attempt; may move from the response.
  using Reader = std::function<Status(net::HttpResponse&)>;

  SignedSender(SenderParts parts, SignFunction sign, SenderOptions options);

  // Fails with the last attempt's error. Beyond the retries of the policy, each of these is done
  // once a call: signing again by the service's clock when it did not believe ours, and fetching
  // new credentials when the session is over.
  //
  // With Attempts::one nothing is sent twice: what could be repaired for a further attempt fails
  // with unavailable, since the caller's next call may succeed.
  Status send(std::string_view call, net::HttpRequest request, const Reader& read,
              Attempts attempts = Attempts::by_policy);

  // The service's time minus ours, by its latest answer, good to a second and the time the answer
  // took; nullopt before the first. Signatures are dated by it once it is over four minutes.
  std::optional<Millis> clock_skew() const;

  std::uint64_t request_count() const { return request_count_; }  // really sent
  std::uint64_t retry_count() const { return retry_count_; }      // of these, repetitions

 private:
  struct Attempt;

  Status attempt(Attempt& attempt, net::HttpRequest& request, const Reader& read);
  bool repair(Attempt& attempt, const Error& error);
  void learn_clock(const net::HttpResponse& response, TimePoint sent, TimePoint received);
  TimePoint signing_time() const;

  SenderParts parts_;
  SignFunction sign_;
  SenderOptions options_;
  RetryBudget budget_;
  Jitter jitter_;
  // Milliseconds; kSkewUnknown before the first answer.
  std::atomic<std::int64_t> skew_;
  std::atomic<std::uint64_t> request_count_{0};
  std::atomic<std::uint64_t> retry_count_{0};
};

}  // namespace tidemark::aws
