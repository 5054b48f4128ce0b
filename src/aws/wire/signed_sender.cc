#include "aws/wire/signed_sender.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "aws/wire/error_codes.h"
#include "aws/wire/retry_after.h"
#include "aws/wire/service_error.h"
#include "base/log.h"

namespace tidemark::aws {
namespace {

constexpr std::int64_t kSkewUnknown = std::numeric_limits<std::int64_t>::min();

// AWS tolerates five minutes. Below four, our own clock is as good as a Date of whole seconds.
constexpr Millis kSkewTolerated{4 * 60'000};

bool is_large(Millis skew) { return skew > kSkewTolerated || skew < -kSkewTolerated; }

}  // namespace

// What is remembered from one attempt of a call to the next.
struct SignedSender::Attempt {
  std::string_view call;
  int number = 1;
  std::optional<TimePoint> signed_at;
  std::optional<Millis> retry_after;
  bool clock_corrected = false;
  bool session_renewed = false;
};

SignFunction sign_for(SigningScope scope) {
  return
      [scope = std::move(scope)](net::HttpRequest& request, const Credentials& credentials,
                                 TimePoint now) { return sign(request, credentials, scope, now); };
}

void log_attempt(const AttemptRecord& record) {
  log::debug("aws call", {{"call", std::string(record.call)},
                          {"attempt", std::to_string(record.attempt)},
                          {"status", std::to_string(record.status)},
                          {"request_id", record.request_id},
                          {"milliseconds", std::to_string(record.took.count())},
                          {"error", record.error == nullptr ? "" : record.error->message}});
}

SignedSender::SignedSender(SenderParts parts, SignFunction sign, SenderOptions options)
    : parts_(parts),
      sign_(std::move(sign)),
      options_(std::move(options)),
      jitter_(options_.jitter_seed),
      skew_(kSkewUnknown) {}

Status SignedSender::send(std::string_view call, net::HttpRequest request, const Reader& read,
                          Attempts attempts) {
  Retry retry(options_.retry, budget_, jitter_, parts_.clock);
  const Millis deadline = request.deadline;
  Attempt state{.call = call};
  for (;; ++state.number) {
    request.deadline = std::min(deadline, retry.time_left());
    Status outcome = attempt(state, request, read);
    if (outcome) {
      retry.succeeded();
      return outcome;
    }
    const bool repaired = repair(state, outcome.error());
    if (attempts == Attempts::one) {
      Error error = std::move(outcome).error();
      if (repaired) error.kind = ErrorKind::unavailable;
      return in_context(call, std::move(error));
    }
    if (repaired) continue;
    if (Status again = retry.wait_after(std::move(outcome).error(), state.retry_after); !again)
      return in_context(call, std::move(again).error());
  }
}

// Signs the request itself, which replaces the signature of the attempt before: a copy would double
// the memory of a large body.
Status SignedSender::attempt(Attempt& attempt, net::HttpRequest& request, const Reader& read) {
  attempt.retry_after.reset();
  attempt.signed_at.reset();
  const Credentials credentials = TRY(parts_.credentials.get());
  const TimePoint signed_at = signing_time();
  TRY(sign_(request, credentials, signed_at));

  ++request_count_;
  if (attempt.number > 1) ++retry_count_;
  const TimePoint sent = parts_.clock.now();
  const Millis begin = parts_.clock.steady();
  Result<net::HttpResponse> response = parts_.transport.send(request);
  AttemptRecord record{.call = attempt.call, .attempt = attempt.number};
  Status outcome = Done{};
  if (response) {
    learn_clock(*response, sent, parts_.clock.now());
    attempt.signed_at = signed_at;
    attempt.retry_after = retry_after_of(response->headers, parts_.clock.now());
    record.status = response->status;
    record.request_id = request_id_of(response->headers);
    outcome = read(*response);
  } else {
    outcome = std::move(response).error();
  }
  record.took = parts_.clock.steady() - begin;
  if (!outcome) record.error = &outcome.error();
  if (options_.observe) options_.observe(record);
  return outcome;
}

// True when the cause of the failure could be removed, so that the call deserves another attempt
// without delay. Each remedy is tried once.
bool SignedSender::repair(Attempt& attempt, const Error& error) {
  if (!attempt.signed_at) return false;  // no answer: nothing was refused
  const Millis off = signing_time() - *attempt.signed_at;
  if (may_be_clock_skew(error.code) && !attempt.clock_corrected && is_large(off)) {
    attempt.clock_corrected = true;
    return true;
  }
  if (is_expired_session(error.code) && !attempt.session_renewed) {
    attempt.session_renewed = true;
    parts_.credentials.forget();
    return true;
  }
  return false;
}

void SignedSender::learn_clock(const net::HttpResponse& response, TimePoint sent,
                               TimePoint received) {
  const auto date = net::find_header(response.headers, "Date");
  if (!date) return;
  const Result<TimePoint> theirs = parse_http_date(*date);
  if (!theirs) return;
  const TimePoint ours = sent + (received - sent) / 2;
  skew_ = (*theirs - ours).count();
}

std::optional<Millis> SignedSender::clock_skew() const {
  const std::int64_t skew = skew_;
  if (skew == kSkewUnknown) return std::nullopt;
  return Millis{skew};
}

TimePoint SignedSender::signing_time() const {
  const Millis skew = clock_skew().value_or(Millis::zero());
  return parts_.clock.now() + (is_large(skew) ? skew : Millis::zero());
}

}  // namespace tidemark::aws
