#include "files/walk.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/remote_text.h"

namespace tidemark::files {
namespace {

// An id alone does not do: what is stored while versioning is off is always "null".
bool is_same_version(const FileVersion& one, const FileVersion& other) {
  return one.id == other.id && one.is_marker == other.is_marker && one.size == other.size &&
         one.etag == other.etag;
}

}  // namespace

Walk::Walk(std::vector<Moment> moments, Emit emit)
    : moments_(std::move(moments)), emit_(std::move(emit)), rows_(moments_.size()) {}

Status Walk::next_row(std::size_t moment) {
  std::optional<FileVersion> row = TRY(moments_[moment].rows());
  if (row && rows_[moment] && row->key <= rows_[moment]->key)
    return Error{ErrorKind::corrupt, fmt::format("the inventory has '{}' out of its order",
                                                 clean_remote_text(row->key))};
  rows_[moment] = std::move(row);
  return Done{};
}

Status Walk::emit_missing(const std::string* before) {
  if (!begun_) {
    begun_ = true;
    for (std::size_t i = 0; i < moments_.size(); ++i)
      if (!moments_[i].time) TRY(next_row(i));
  }
  for (;;) {
    const std::string* least = nullptr;
    for (const auto& row : rows_)
      if (row && (before == nullptr || row->key < *before) &&
          (least == nullptr || row->key < *least))
        least = &row->key;
    if (least == nullptr) return Done{};
    KeySeen seen{.key = *least, .newest = {}, .states = std::vector<KeyState>(moments_.size())};
    for (std::size_t i = 0; i < moments_.size(); ++i) {
      if (!rows_[i] || rows_[i]->key != seen.key) continue;
      seen.states[i] = {.file = *rows_[i], .is_there = false};
      TRY(next_row(i));
    }
    TRY(emit_(seen));
  }
}

Status Walk::begin_key(const std::string& key) {
  if (seen_) {
    if (key < seen_->key)
      return Error{ErrorKind::corrupt,
                   fmt::format("the listing has '{}' out of its order", clean_remote_text(key))};
    TRY(end_key());
  }
  TRY(emit_missing(&key));
  seen_ = KeySeen{.key = key, .newest = {}, .states = std::vector<KeyState>(moments_.size())};
  decided_.assign(moments_.size(), false);
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    if (moments_[i].time) continue;
    if (rows_[i] && rows_[i]->key == key) {
      seen_->states[i] = {.file = *rows_[i], .is_there = false};
      TRY(next_row(i));
    } else {
      decided_[i] = true;
    }
  }
  return Done{};
}

Status Walk::add(const FileVersion& version) {
  if (!seen_ || version.key != seen_->key) TRY(begin_key(version.key));
  if (!seen_->newest) seen_->newest = version;
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    if (decided_[i]) continue;
    KeyState& state = seen_->states[i];
    if (moments_[i].time) {
      // What was stored last of that second is what there was at its end.
      if (version.modified > *moments_[i].time) continue;
      if (!version.is_marker) state.file = version;
      decided_[i] = true;
    } else if (is_same_version(version, *state.file)) {
      state.is_there = true;
      state.alike.reset();
      decided_[i] = true;
    } else if (!state.alike && same_content(version, *state.file)) {
      state.alike = version;
    }
  }
  return Done{};
}

Status Walk::end_key() {
  const KeySeen seen = *std::exchange(seen_, std::nullopt);
  return emit_(seen);
}

Status Walk::finish() {
  if (seen_) TRY(end_key());
  return emit_missing(nullptr);
}

}  // namespace tidemark::files
