// The repository and the machine that doctor runs on.
#include <charconv>

#include <fmt/format.h>

#include "doctor/diagnose.h"

namespace tidemark::doctor {
namespace {

constexpr Seconds kVerifyAgeMax = std::chrono::hours(24 * 30);
constexpr Millis kSkewNoted = std::chrono::seconds(30);
constexpr Millis kSkewMax = std::chrono::minutes(4);  // AWS refuses signatures beyond five or so
constexpr unsigned kOthers = 077;
constexpr unsigned kOthersWrite = 022;

// A hole of a client library: versions of that line before `mended` have it.
struct Hole {
  std::string_view library;
  std::string_view line;  // "15." or "3.0."
  int mended;             // the number after the line
  std::string_view name;
  std::string_view means;
};

constexpr std::string_view kQuoting =
    "text of a hostile database can leave its quotes in a client that builds SQL of it";
constexpr std::string_view kCms = "a hostile message can crash or take over a program";

// CVE-2025-1094: postgresql.org/support/security. CVE-2025-9230: openssl-library.org, 30 September
// 2025.
constexpr Hole kHoles[] = {
    {"libpq", "13.", 19, "CVE-2025-1094", kQuoting},
    {"libpq", "14.", 16, "CVE-2025-1094", kQuoting},
    {"libpq", "15.", 11, "CVE-2025-1094", kQuoting},
    {"libpq", "16.", 7, "CVE-2025-1094", kQuoting},
    {"libpq", "17.", 3, "CVE-2025-1094", kQuoting},
    {"OpenSSL", "3.0.", 18, "CVE-2025-9230", kCms},
    {"OpenSSL", "3.2.", 6, "CVE-2025-9230", kCms},
    {"OpenSSL", "3.3.", 5, "CVE-2025-9230", kCms},
    {"OpenSSL", "3.4.", 3, "CVE-2025-9230", kCms},
    {"OpenSSL", "3.5.", 4, "CVE-2025-9230", kCms},
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
