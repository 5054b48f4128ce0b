// References: which files the rows of a database name, and whether the files are there.
//
// The keys are read in the snapshot of an archive and kept in it, by key, so that they are compared
// with an inventory of the same moment, then and later.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace tidemark::ops {

inline constexpr std::string_view kReferencesStream = "references";
inline constexpr std::string_view kMissingFact = "missing";  // of an inventory: how many files
inline constexpr std::string_view kOrphanedFact = "orphaned";

// COPY of the query's one column, each key once, in the order of their bytes.
std::string references_statement(const std::string& sql);

// A key out of a row of that COPY, without its line end. Fails with corrupt.
Result<std::string> decode_reference(ByteView row);

enum class Mismatch {
  missing,   // a row names it, and it is not there
  orphaned,  // it is there, and no row names it
};

// The keys one after the other, in order; nullopt after the last.
using KeySource = std::function<Result<std::optional<std::string>>()>;

// Compares the two in one pass. Pure; memory does not grow with the number of keys.
class ReferenceCheck {
 public:
  using Emit = std::function<Status(Mismatch, const std::string& key)>;

  // emit may be empty.
  ReferenceCheck(KeySource references, Emit emit)
      : references_(std::move(references)), emit_(std::move(emit)) {}

  // The files that are there, in the order of keys.
  Status add_file(const std::string& key);
  Status finish();

  std::uint64_t missing() const { return missing_; }
  std::uint64_t orphaned() const { return orphaned_; }

 private:
  Status next();
  Status tell(Mismatch mismatch, const std::string& key);

  const KeySource references_;
  const Emit emit_;
  bool begun_ = false;
  std::optional<std::string> reference_;
  std::uint64_t missing_ = 0;
  std::uint64_t orphaned_ = 0;
};

}  // namespace tidemark::ops
