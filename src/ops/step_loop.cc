#include "ops/step_loop.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace tidemark::ops {
namespace {

using core::NextStep;
using core::RestoreAct;

bool may_pass(const Error& error) {
  switch (error.kind) {
    case ErrorKind::unavailable:
    case ErrorKind::timed_out:
    case ErrorKind::conflict:        // busy: InvalidDBInstanceState
    case ErrorKind::already_exists:  // by a call whose reply was lost: the next look tells
      return true;
    default: return false;
  }
}

// Grows with the time waited, so that it never adds more than a part of it.
Millis pause_after(Millis waited, const StepLimits& limits) {
  return std::clamp(waited / 6, limits.pause_first, limits.pause_max);
}

class Loop {
 public:
  Loop(const StepLoop& loop, const StepLimits& limits, Clock& clock, std::vector<TakenStep>& taken)
      : loop_(loop), limits_(limits), clock_(clock), taken_(taken), since_(clock.steady()) {}

  Status run() {
    for (;;) {
      const auto next = loop_.look();
      if (!next) {
        if (!may_pass(next.error())) return next.error();
        TRY(pause(next.error()));
        continue;
      }
      if (next->act == RestoreAct::stop) return *next->error;
      note(*next);
      if (next->act == RestoreAct::finished) return Done{};
      if (next->act == RestoreAct::wait || is_settling()) {
        TRY(pause({}));
        continue;
      }
      TRY(take(*next));
    }
  }

 private:
  void note(const NextStep& next) {
    const Millis now = clock_.steady();
    if (next.act != current_.act || next.subject != current_.subject) {
      if (!taken_.empty() && taken_.back().waited == Millis::zero())
        taken_.back().waited = now - since_;
      current_ = next;
      since_ = now;
      took_at_.reset();
      last_error_.reset();
    }
    if (loop_.on_step) loop_.on_step(next, now - since_);
  }

  bool is_settling() const { return took_at_ && clock_.steady() - *took_at_ < limits_.settle; }

  Status take(const NextStep& next) {
    int& takes = takes_[{next.act, next.subject}];
    if (takes >= limits_.repeats_max)
      return Error{ErrorKind::rejected,
                   fmt::format("{} {} was asked for {} times and does not show", act_name(next.act),
                               next.subject, takes),
                   "see the instance's events in RDS"};
    Status took = loop_.take(next);
    if (!took) {
      if (!may_pass(took.error())) return took;
      return pause(std::move(took).error());
    }
    ++takes;
    took_at_ = clock_.steady();
    if (taken_.empty() || taken_.back().act != next.act || taken_.back().subject != next.subject)
      taken_.push_back({next.act, next.subject});
    return Done{};
  }

  // Fails with timed_out, and what stood in the way last, once the deadline is over.
  Status pause(std::optional<Error> why) {
    if (why) last_error_ = std::move(why);
    const Millis waited = clock_.steady() - since_;
    if (waited >= limits_.deadline) {
      Error error{
          ErrorKind::timed_out,
          fmt::format("waited {} for {}{}", format_duration(std::chrono::floor<Seconds>(waited)),
                      current_.act == RestoreAct::wait ? std::string()
                                                       : std::string(act_name(current_.act)) + " ",
                      current_.subject),
          "it may still happen"};
      if (last_error_) error.message += ": " + last_error_->message;
      return error;
    }
    return clock_.sleep(pause_after(waited, limits_));
  }

  const StepLoop& loop_;
  const StepLimits& limits_;
  Clock& clock_;
  std::vector<TakenStep>& taken_;
  NextStep current_{RestoreAct::wait};
  Millis since_;
  std::optional<Millis> took_at_;
  std::map<std::pair<RestoreAct, std::string>, int> takes_;
  std::optional<Error> last_error_;
};

}  // namespace

Status unless_gone(Status status) {
  if (!status && status.error().kind == ErrorKind::not_found) return Done{};
  return status;
}

Status run_steps(const StepLoop& loop, const StepLimits& limits, Clock& clock,
                 std::vector<TakenStep>& taken) {
  return Loop(loop, limits, clock, taken).run();
}

}  // namespace tidemark::ops
