#include "schedule/time_zone.h"

#include <gtest/gtest.h>

namespace tidemark::schedule {
namespace {

TimePoint at(std::string_view text) { return *parse_time(text); }

// A local time written as if it were UTC.
LocalTime local(std::string_view text) { return LocalTime(at(text).time_since_epoch()); }

TimeZone zone(std::string_view name) {
  auto found = TimeZone::find(name);
  EXPECT_TRUE(found) << name;
  return *found;
}

std::string hint_for(std::string_view name) {
  const auto found = TimeZone::find(name);
  EXPECT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::invalid_input);
  return found.error().hint;
}

TEST(TimeZone, UtcNeedsNoDatabaseAndNeverChanges) {
  for (const TimeZone& utc : {TimeZone::utc(), zone("UTC"), zone("Etc/UTC")}) {
    EXPECT_EQ(utc.utc_offset(at("2026-07-01T00:00:00Z")), Seconds::zero());
    const LocalReading reading = utc.to_utc(local("2026-03-29T02:30:00.123Z"));
    EXPECT_EQ(reading.kind, LocalReading::Kind::unique);
    EXPECT_EQ(reading.first, at("2026-03-29T02:30:00.123Z"));
    EXPECT_EQ(reading.second, reading.first);
    EXPECT_EQ(utc.overlap_max(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")),
              Seconds::zero());
  }
  EXPECT_EQ(TimeZone::utc().name(), "UTC");
  EXPECT_EQ(zone("Etc/UTC").name(), "Etc/UTC");
}

TEST(TimeZone, ReadsUniqueSkippedAndRepeatedTimes) {
  const TimeZone berlin = zone("Europe/Berlin");
  const LocalReading plain = berlin.to_utc(local("2026-11-22T03:00:00.500Z"));
  EXPECT_EQ(plain.kind, LocalReading::Kind::unique);
  EXPECT_EQ(plain.first, at("2026-11-22T02:00:00.500Z"));
  EXPECT_EQ(plain.second, plain.first);

  const LocalReading skipped = berlin.to_utc(local("2026-03-29T02:30:00Z"));
  EXPECT_EQ(skipped.kind, LocalReading::Kind::nonexistent);
  EXPECT_EQ(skipped.first, at("2026-03-29T01:00:00Z"));
  EXPECT_EQ(skipped.second, skipped.first);

  const LocalReading repeated = berlin.to_utc(local("2026-10-25T02:30:00Z"));
  EXPECT_EQ(repeated.kind, LocalReading::Kind::ambiguous);
  EXPECT_EQ(repeated.first, at("2026-10-25T00:30:00Z"));
  EXPECT_EQ(repeated.second, at("2026-10-25T01:30:00Z"));
}

TEST(TimeZone, KnowsHalfHoursAndTheDayThatSamoaSkipped) {
  EXPECT_EQ(zone("Australia/Lord_Howe").utc_offset(at("2026-11-22T00:00:00Z")),
            std::chrono::hours(11));
  EXPECT_EQ(zone("Australia/Lord_Howe").utc_offset(at("2026-06-22T00:00:00Z")),
            std::chrono::minutes(10 * 60 + 30));
  const LocalReading skipped = zone("Pacific/Apia").to_utc(local("2011-12-30T12:00:00Z"));
  EXPECT_EQ(skipped.kind, LocalReading::Kind::nonexistent);
  EXPECT_EQ(skipped.first, at("2011-12-30T10:00:00Z"));
}

TEST(TimeZone, FindsHowFarClocksGoBack) {
  const TimePoint from = at("2026-01-01T00:00:00Z");
  const TimePoint to = at("2030-01-01T00:00:00Z");
  EXPECT_EQ(zone("Europe/Berlin").overlap_max(from, to), std::chrono::hours(1));
  EXPECT_EQ(zone("Australia/Lord_Howe").overlap_max(from, to), std::chrono::minutes(30));
  EXPECT_EQ(zone("Asia/Kolkata").overlap_max(from, to), Seconds::zero());
}

// What the header promises of the machine's tzdata. Files compiled without their transitions
// ("slim") would end years earlier, without a word.
TEST(TimeZone, KnowsClockChangesUntil2037) {
  const TimeZone berlin = zone("Europe/Berlin");
  for (int year = 2026; year <= 2037; ++year) {
    const std::string text = std::to_string(year);
    EXPECT_EQ(berlin.utc_offset(at(text + "-07-01T00:00:00Z")), std::chrono::hours(2)) << year;
    EXPECT_EQ(berlin.utc_offset(at(text + "-12-01T00:00:00Z")), std::chrono::hours(1)) << year;
  }
}

TEST(TimeZone, GuessesWhichNameWasMeant) {
  EXPECT_EQ(hint_for("Berlin"), "did you mean Europe/Berlin?");
  EXPECT_EQ(hint_for("europe/berlin"), "did you mean Europe/Berlin?");
  EXPECT_EQ(hint_for("Europe/Berln"), "did you mean Europe/Berlin?");
  EXPECT_EQ(hint_for("america/new_york"), "did you mean America/New_York?");
  EXPECT_EQ(hint_for("utc"), "did you mean UTC?");
}

TEST(TimeZone, RefusesWhatIsNoZone) {
  const std::string example = "use a name of the IANA database, such as Europe/Berlin or UTC";
  EXPECT_EQ(hint_for("Middle-earth/Minas_Tirith"), example);
  EXPECT_EQ(hint_for("../../etc/passwd"), example);
  EXPECT_EQ(hint_for(std::string(1 << 20, 'x')), example);
  EXPECT_FALSE(TimeZone::find(""));
  EXPECT_EQ(TimeZone::find("Mars").error().message, "there is no time zone 'Mars'");
}

}  // namespace
}  // namespace tidemark::schedule
