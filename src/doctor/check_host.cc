// The repository and the machine that doctor runs on.
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "doctor/diagnose.h"

namespace tidemark::doctor {
namespace {

constexpr Seconds kVerifyAgeMax = std::chrono::hours(24 * 30);
constexpr Millis kSkewNoted = std::chrono::seconds(30);
constexpr Millis kSkewMax = std::chrono::minutes(4);  // AWS refuses signatures beyond five or so
constexpr unsigned kOthers = 077;
constexpr unsigned kOthersWrite = 022;

// The worst hole of a client library that is known of its line; versions before `mended` have it.
struct Hole {
  std::string_view library;
  std::string_view line;  // "15." or "3.0."
  int mended;             // the number after the line
  std::string_view name;
  std::string_view means;
};

// Nobody mends the line any more.
constexpr int kNever = std::numeric_limits<int>::max();

constexpr std::string_view kHostileServer =
    "a hostile server can take over this program, pg_dump and psql when they read large objects";
constexpr std::string_view kHostileMessage =
    "a hostile signed message can crash or take over a program that verifies it";

// postgresql.org/support/security/CVE-2026-6477 of 14 May 2026; line 13 ended in November 2025.
// openssl-library.org/news/secadv/20260609.txt of 9 June 2026, which leaves out what had ended by
// then: 3.1 to 3.3 have the hole as 3.0 and 3.4 do. Compared with cve.org in November 2026.
constexpr Hole kHoles[] = {
    {"libpq", "13.", kNever, "CVE-2026-6477", kHostileServer},
    {"libpq", "14.", 23, "CVE-2026-6477", kHostileServer},
    {"libpq", "15.", 18, "CVE-2026-6477", kHostileServer},
    {"libpq", "16.", 14, "CVE-2026-6477", kHostileServer},
    {"libpq", "17.", 10, "CVE-2026-6477", kHostileServer},
    {"libpq", "18.", 4, "CVE-2026-6477", kHostileServer},
    {"OpenSSL", "3.0.", 21, "CVE-2026-45447", kHostileMessage},
    {"OpenSSL", "3.1.", kNever, "CVE-2026-45447", kHostileMessage},
    {"OpenSSL", "3.2.", kNever, "CVE-2026-45447", kHostileMessage},
    {"OpenSSL", "3.3.", kNever, "CVE-2026-45447", kHostileMessage},
    {"OpenSSL", "3.4.", 6, "CVE-2026-45447", kHostileMessage},
    {"OpenSSL", "3.5.", 7, "CVE-2026-45447", kHostileMessage},
    {"OpenSSL", "3.6.", 3, "CVE-2026-45447", kHostileMessage},
    {"OpenSSL", "4.0.", 1, "CVE-2026-45447", kHostileMessage},
};

bool has_hole(const Library& library, const Hole& hole) {
  if (library.name != hole.library || !library.version.starts_with(hole.line)) return false;
  int number = 0;
  const char* const begin = library.version.data() + hole.line.size();
  const auto read = std::from_chars(begin, library.version.data() + library.version.size(), number);
  return read.ec == std::errc() && number < hole.mended;
}

void check_libraries(const Host& host, Findings& findings) {
  for (const Library& library : host.libraries)
    for (const Hole& hole : kHoles)
      if (has_hole(library, hole))
        findings.push_back(
            {.severity = Severity::note,
             .check = "host-library",
             .object = fmt::format("{} {}", library.name, library.version),
             .what = fmt::format("has {} unless your distribution mended it without a new number",
                                 hole.name),
             .means = std::string(hole.means),
             .fix = "apt list --upgradable"});
}

void check_clock(const Host& host, Findings& findings) {
  if (!host.clock_skew) {
    findings.push_back(not_known("host-clock", "this machine",
                                 Error{ErrorKind::unavailable, "AWS did not answer"}));
    return;
  }
  const Millis off = std::chrono::abs(*host.clock_skew);
  if (off < kSkewNoted) return;
  findings.push_back(
      {.severity = off < kSkewMax ? Severity::warning : Severity::critical,
       .check = "host-clock",
       .object = "this machine",
       .what = fmt::format("its clock is {} s off that of AWS",
                           std::chrono::duration_cast<Seconds>(off).count()),
       .means = "points are taken late or early, nothing is thinned, and beyond five minutes AWS "
                "refuses every request",
       .fix = "timedatectl set-ntp true"});
}

}  // namespace

void check_repository(const Repository& repository, TimePoint now, Findings& findings) {
  const std::string object = "repository " + repository.url;
  if (!repository.verified) {
    findings.push_back(not_known("repository-verify", object, repository.verified.error()));
    return;
  }
  const auto& last = *repository.verified;
  if (last && now - *last < kVerifyAgeMax) return;
  findings.push_back({.severity = Severity::warning,
                      .check = "repository-verify",
                      .object = object,
                      .what = last ? "was last read back whole on " + format_time(*last)
                                   : "was never read back whole by this machine",
                      .means = "bytes that went bad since are found on the day they are needed",
                      .fix = "tidemark verify"});
}

void check_host(const Host& host, Findings& findings) {
  check_clock(host, findings);
  check_libraries(host, findings);
  for (const File& file : host.files) {
    const unsigned open = file.mode & (file.secret ? kOthers : kOthersWrite);
    if (open == 0) continue;
    findings.push_back(
        {.severity = Severity::warning,
         .check = "host-file-mode",
         .object = file.path,
         .what = fmt::format("holds {} and has mode {:o}", file.holds, file.mode),
         .means = file.secret ? "other users of this machine can use it"
                              : "other users of this machine can make Tidemark keep less",
         .fix = fmt::format("chmod {} {}", file.secret ? "600" : "go-w", file.path)});
  }
}

}  // namespace tidemark::doctor
