// How long a major version of PostgreSQL is mended: by its community, and by RDS.
#pragma once

#include <optional>
#include <string_view>
#include <utility>

namespace tidemark::core {

// "14" of "14.9".
constexpr std::string_view major_of(std::string_view version) {
  return version.substr(0, version.find('.'));
}

// By the community: https://www.postgresql.org/support/versioning/, compared in November 2026.
// "2026-11-12", or nullopt for a version that is not known here.
constexpr std::optional<std::string_view> end_of_life(std::string_view version) {
  constexpr std::pair<std::string_view, std::string_view> kEnds[] = {
      {"9", "2021-11-11"},  {"10", "2022-11-10"}, {"11", "2023-11-09"}, {"12", "2024-11-21"},
      {"13", "2025-11-13"}, {"14", "2026-11-12"}, {"15", "2027-11-11"}, {"16", "2028-11-09"},
      {"17", "2029-11-08"}, {"18", "2030-11-14"}};
  for (const auto& [major, end] : kEnds)
    if (major == major_of(version)) return end;
  return std::nullopt;
}

// By RDS, which goes on for a while when the community has stopped.
struct RdsSupport {
  std::string_view standard_end;  // from then on it costs extra
  std::string_view extended_end;  // from then on RDS upgrades by force; empty: it never cost extra
};

// docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html
// as endoflife.date read it in February 2025, when 18 was not in it yet. RDS holds to the end of a
// month: 9.6 and 10 ended before there was Extended Support.
constexpr std::optional<RdsSupport> rds_support(std::string_view version) {
  constexpr std::pair<std::string_view, RdsSupport> kEnds[] = {
      {"9", {"2022-04-30", ""}},
      {"10", {"2023-04-30", ""}},
      {"11", {"2024-02-29", "2027-03-31"}},
      {"12", {"2025-02-28", "2028-02-29"}},
      {"13", {"2026-02-28", "2029-02-28"}},
      {"14", {"2027-02-28", "2030-02-28"}},
      {"15", {"2028-02-29", "2031-02-28"}},
      {"16", {"2029-02-28", "2032-02-29"}},
      {"17", {"2030-02-28", "2033-02-28"}}};
  for (const auto& [major, support] : kEnds)
    if (major == major_of(version)) return support;
  return std::nullopt;
}

}  // namespace tidemark::core
