// Marks: what a restore writes into the tags of the instances that it touches, so that any later
// run, on any machine, can tell what was begun and how far it came. docs/snapshot-tags.md is
// normative.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/instance_settings.h"

namespace tidemark::core {

// What an instance is to the restore that marked it.
enum class RestoreRole {
  replaced,   // it was there before, and gave way, or will
  restored,   // the restore made it
  discarded,  // the restore made it, and a rollback put it aside
};

enum class RestorePhase {
  open,          // under way
  done,          // restored and checked; the replaced instance is kept
  rolling_back,  // being put back
  retiring,      // being deleted, after its final snapshot
  retired,       // what it replaced is gone
};

std::string_view role_name(RestoreRole role);
std::string_view phase_name(RestorePhase phase);

// Which settings the restored instance gets.
enum class SettingsChoice {
  current,   // those of the instance that it replaces
  point,     // those that the point's tags carry
  defaults,  // RDS's; for a point that carries none, when no instance is left
};

std::string_view choice_name(SettingsChoice choice);
std::optional<SettingsChoice> parse_choice(std::string_view text);

// What a restore was asked for, so that the run that goes on with it need not be told again.
struct RestoreOptions {
  bool no_checks = false;
  bool no_hook = false;
  bool no_safety_snapshot = false;
  bool warm_up = false;
  bool password = false;  // a new one is to be set; which, no tag may say
  bool newest = false;    // its origin is the newest point, or the latest moment, of when it began
  bool files = false;     // those of the source's bucket come back as well
  // Empty when not given, kForgotten when it does not fit into a tag.
  std::string instance_class;
  std::string parameter_group;
  std::string upgrade_to;
  std::string zone;
  bool operator==(const RestoreOptions&) const = default;
};

inline constexpr std::string_view kForgotten = "?";
inline constexpr std::string_view kDeletingWord = "deleting";

// The options as a mark keeps them.
RestoreOptions keepable(RestoreOptions options);

struct RestoreMark {
  std::string operation;  // when it began, "20261124t083012z": tells one restore from another
  RestoreRole role = RestoreRole::replaced;
  RestorePhase phase = RestorePhase::open;
  std::string identifier;  // that the instance is restored under
  std::string origin;      // what it is restored from: a snapshot's id, or "time <RFC 3339>"
  std::string aside;       // what the replaced instance is called, or shall be; empty for none
  SettingsChoice settings = SettingsChoice::current;
  RestoreOptions options = {};
  // "password", "checks", "files", "hook", "warm-up": what was done. Of one replaced: "deleting",
  // once a rollback was about to delete what never came up in its place.
  std::set<std::string> progress;
  // Of one replaced: it bore another name when the restore began, by somebody else's hand.
  bool by_hand = false;
  // Of one replaced: whether it was protected from deletion before the claim, which protects it.
  std::optional<bool> was_protected = {};
  // Of one replaced that an earlier restore had made: the operations it was restored by, newest
  // first, so that a rollback can be followed by theirs.
  std::vector<std::string> before = {};
  // DbiResourceId of the instance that bears it; empty when it was not known yet.
  std::string bearer = {};
  std::string source = {};  // that it was begun for; empty when an older version wrote the mark
  bool operator==(const RestoreMark&) const = default;
};

// The tags of a mark, and back. nullopt when the tags have none, or one that cannot be read.
Tags mark_tags(const RestoreMark& mark);
std::optional<RestoreMark> read_mark(const Tags& tags);
std::vector<std::string> mark_keys();

// The mark that claims an instance as giving way, which may bear one already: what that one knows
// of the time before is kept. called: its name now.
RestoreMark claiming_mark(RestoreMark mark, const std::optional<RestoreMark>& borne,
                          const std::string& called);

// How many tags it would be with all that a restore writes. Those that begin with "aws:" do not
// count against the limit (RDS user guide, tagging).
std::size_t tags_with_mark(const Tags& tags);

// "20261124t083012z".
std::string operation_name(TimePoint began);
std::optional<TimePoint> operation_began(std::string_view operation);

// Origins in the automated backups: a moment, or the latest that there is when it is restored.
// time_of_origin() gives nullopt for the latter, and for a snapshot.
inline constexpr std::string_view kLatestOrigin = "time latest";
std::string origin_of_time(TimePoint time);
bool is_time_origin(std::string_view origin);
std::optional<TimePoint> time_of_origin(std::string_view origin);

// What the restored instance keeps for good: the DbiResourceIds of the instances that its rows
// come from, newest first, so that their points stay part of its source's history; and how long
// the restore took, for the next one's plan.
inline constexpr std::string_view kRunnerTag = "tidemark:restore-runner";
inline constexpr std::string_view kDescentTag = "tidemark:descends";
inline constexpr std::string_view kTookTag = "tidemark:restore-took";
inline constexpr std::string_view kFinalTag = "tidemark:restore-final";

std::vector<std::string> read_descent(const Tags& tags);
// The descent with one more ancestor before it, as long as a tag can hold.
std::string descent_value(const std::string& parent, const std::vector<std::string>& ancestors);
std::optional<Seconds> read_took(const Tags& tags);

// A free name for an instance that steps aside: "<identifier>-<word>-<yyyymmdd>", with "-2" and so
// on when it is taken, and the identifier cut so that it stays within 63 characters.
std::string aside_name(const std::string& identifier, std::string_view word, TimePoint day,
                       const std::set<std::string>& taken);

}  // namespace tidemark::core
