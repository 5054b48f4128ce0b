// Walk: goes through all versions of a bucket, key by key, and says what each key was at moments.
//
// Pure. Memory does not grow with the number of keys or of versions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "files/file_version.h"

namespace tidemark::files {

// The rows of an inventory one after the other, by key; nullopt after the last.
using RowSource = std::function<Result<std::optional<FileVersion>>()>;

// A time, or what an inventory says.
struct Moment {
  std::optional<TimePoint> time;
  RowSource rows = {};

  static Moment at(TimePoint time) { return {.time = time}; }
  static Moment of(RowSource rows) { return {.time = {}, .rows = std::move(rows)}; }
};

struct KeyState {
  std::optional<FileVersion> file;  // nullopt: there was none
  bool is_there = true;             // the very version is in the bucket still
  // Another version with the same content, when it is not.
  std::optional<FileVersion> alike = {};
};

struct KeySeen {
  std::string key;
  std::optional<FileVersion> newest;  // may be a marker; nullopt: nothing of it is left
  std::vector<KeyState> states;       // one for each moment
};

class Walk {
 public:
  using Emit = std::function<Status(const KeySeen&)>;

  Walk(std::vector<Moment> moments, Emit emit);

  // Versions as a Bucket gives them. Fails as emit and the rows do, and with corrupt when keys are
  // out of their order.
  Status add(const FileVersion& version);
  Status finish();

 private:
  Status begin_key(const std::string& key);
  Status end_key();
  // Emits what inventories have before the key, of which no version is left; nullptr: all.
  Status emit_missing(const std::string* before);
  Status next_row(std::size_t moment);

  const std::vector<Moment> moments_;
  const Emit emit_;
  std::vector<std::optional<FileVersion>> rows_;  // the next one of each inventory
  bool begun_ = false;
  std::optional<KeySeen> seen_;
  std::vector<bool> decided_;  // of the states of seen_, those of which nothing older matters
};

}  // namespace tidemark::files
