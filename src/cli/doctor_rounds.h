// What the daemon has of `doctor`: a look a day, and the log told what changed.
#pragma once

#include <memory>

#include "cli/doctor_facts.h"
#include "doctor/diagnose.h"

namespace tidemark::cli {

// The application's users and buckets of the configuration, with those of the command line.
DoctorOptions doctor_options(const config::Config& config);

// Owns a session of its own: it has a thread of its own. Borrows the context.
class DoctorRounds {
 public:
  static Result<std::unique_ptr<DoctorRounds>> open(const Context& context);

  // Looks, and logs what appeared and what is gone since the look before, also that of an earlier
  // daemon on this machine; without one, all of it. What could not be looked at is one line, and so
  // is what endangers recovery as it did before.
  void round();

 private:
  explicit DoctorRounds(const Context& context) : context_(context) {}

  const Context& context_;
  std::unique_ptr<Session> session_;
  doctor::Findings before_;
};

}  // namespace tidemark::cli
