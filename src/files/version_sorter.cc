#include "files/version_sorter.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <queue>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/output_file.h"

namespace tidemark::files {
namespace {

constexpr std::size_t kRunsMax = 8'192;
constexpr std::size_t kReadBytes = 32u << 10;  // of each run at a time
constexpr std::size_t kRecordBytesMax = 1u << 20;

// Records live as long as the process: the machine's own order of bytes will do.
template <class Number>
void put(std::string& record, Number number) {
  record.append(reinterpret_cast<const char*>(&number), sizeof number);
}

template <class Number>
Number take(std::string_view& record) {
  Number number;
  CHECK(record.size() >= sizeof number);
  std::memcpy(&number, record.data(), sizeof number);
  record.remove_prefix(sizeof number);
  return number;
}

void put_text(std::string& record, const std::string& text) {
  put(record, static_cast<std::uint32_t>(text.size()));
  record += text;
}

std::string take_text(std::string_view& record) {
  const auto size = take<std::uint32_t>(record);
  CHECK(record.size() >= size);
  std::string text(record.substr(0, size));
  record.remove_prefix(size);
  return text;
}

std::size_t size_of(const FileVersion& version) {
  return sizeof version + version.key.size() + version.id.size() + version.etag.size() +
         version.storage_class.size();
}

}  // namespace

bool VersionSorter::is_before(const Held& one, const Held& other) {
  const int keys = one.version.key.compare(other.version.key);
  if (keys != 0) return keys < 0;
  if (one.version.is_latest != other.version.is_latest) return one.version.is_latest;
  if (one.version.modified != other.version.modified)
    return one.version.modified > other.version.modified;
  return one.came < other.came;
}

// The versions of one run, one after the other.
class VersionSorter::Run {
 public:
  Run(const Fd& file, std::uint64_t from, std::uint64_t to) : file_(file), at_(from), to_(to) {}

  const Held& head() const { return head_; }

  // False after the last.
  Result<bool> next() {
    std::string_view record = TRY(ahead(sizeof(std::uint32_t)));
    if (record.empty()) return false;
    const auto size = take<std::uint32_t>(record);
    CHECK(size <= kRecordBytesMax);
    record = TRY(ahead(sizeof size + size)).substr(sizeof size);
    head_.came = take<std::uint64_t>(record);
    FileVersion& version = head_.version;
    version.size = take<std::uint64_t>(record);
    version.modified = TimePoint(Millis(take<std::int64_t>(record)));
    version.is_marker = take<char>(record) != 0;
    version.is_latest = take<char>(record) != 0;
    version.key = take_text(record);
    version.id = take_text(record);
    version.etag = take_text(record);
    version.storage_class = take_text(record);
    taken_ += sizeof size + size;
    return true;
  }

 private:
  // At least so many bytes from where we are; none at the end.
  Result<std::string_view> ahead(std::size_t bytes) {
    if (buffer_.size() - taken_ < bytes) {
      buffer_.erase(0, taken_);
      taken_ = 0;
    }
    while (buffer_.size() - taken_ < bytes && at_ < to_) {
      const std::size_t before = buffer_.size();
      const std::size_t wanted =
          static_cast<std::size_t>(std::min<std::uint64_t>(std::max(kReadBytes, bytes), to_ - at_));
      buffer_.resize(before + wanted);
      const ssize_t read =
          ::pread(file_.get(), buffer_.data() + before, wanted, static_cast<off_t>(at_));
      buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(read, 0)));
      if (read < 0 && errno == EINTR) continue;
      if (read <= 0) return file_error("cannot read", "the versions put aside", errno);
      at_ += static_cast<std::uint64_t>(read);
    }
    return std::string_view(buffer_).substr(taken_);
  }

  const Fd& file_;
  std::uint64_t at_;
  const std::uint64_t to_;
  std::string buffer_;
  std::size_t taken_ = 0;
  Held head_;
};

Status VersionSorter::add(FileVersion version) {
  held_bytes_ += size_of(version);
  held_.push_back({std::move(version), came_++});
  return held_bytes_ > limits_.memory_bytes ? spill() : Done{};
}

Status VersionSorter::open_spill() {
  spill_ = Fd(::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (spill_.open()) return Done{};
  // Not every file system has files without names.
  std::string name = folder_ + "/versions-XXXXXX";
  spill_ = Fd(::mkostemp(name.data(), O_CLOEXEC));
  if (!spill_.open()) return file_error("cannot put versions aside in", folder_, errno);
  ::unlink(name.c_str());
  return Done{};
}

Status VersionSorter::spill() {
  if (!spill_.open()) TRY(open_spill());
  if (runs_.size() >= kRunsMax)
    return Error{ErrorKind::exhausted, "there are more versions than can be sorted"};
  std::sort(held_.begin(), held_.end(), is_before);
  const std::uint64_t from = spilled_bytes_;
  std::string waiting;
  const auto write_out = [&]() -> Status {
    for (std::string_view rest = waiting; !rest.empty();) {
      const ssize_t written =
          ::pwrite(spill_.get(), rest.data(), rest.size(), static_cast<off_t>(spilled_bytes_));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return file_error("cannot put versions aside in", folder_, errno);
      rest.remove_prefix(static_cast<std::size_t>(written));
      spilled_bytes_ += static_cast<std::uint64_t>(written);
    }
    waiting.clear();
    return Done{};
  };
  for (const Held& one : held_) {
    std::string record;
    put(record, one.came);
    put(record, one.version.size);
    put(record, static_cast<std::int64_t>(one.version.modified.time_since_epoch().count()));
    put(record, static_cast<char>(one.version.is_marker));
    put(record, static_cast<char>(one.version.is_latest));
    for (const std::string* text :
         {&one.version.key, &one.version.id, &one.version.etag, &one.version.storage_class})
      put_text(record, *text);
    put(waiting, static_cast<std::uint32_t>(record.size()));
    waiting += record;
    if (waiting.size() >= kRecordBytesMax) TRY(write_out());
  }
  TRY(write_out());
  runs_.emplace_back(from, spilled_bytes_);
  held_.clear();
  held_bytes_ = 0;
  return Done{};
}

Status VersionSorter::merge(const Bucket::Visit& visit) {
  std::vector<std::unique_ptr<Run>> runs;
  const auto is_later = [](const Run* one, const Run* other) {
    return is_before(other->head(), one->head());
  };
  std::priority_queue<Run*, std::vector<Run*>, decltype(is_later)> heads(is_later);
  for (const auto& [from, to] : runs_) {
    runs.push_back(std::make_unique<Run>(spill_, from, to));
    if (TRY(runs.back()->next())) heads.push(runs.back().get());
  }
  while (!heads.empty()) {
    Run* const first = heads.top();
    heads.pop();
    TRY(visit(first->head().version));
    if (TRY(first->next())) heads.push(first);
  }
  return Done{};
}

Status VersionSorter::for_each(const Bucket::Visit& visit) {
  if (!runs_.empty()) {
    TRY(spill());
    return merge(visit);
  }
  std::sort(held_.begin(), held_.end(), is_before);
  for (const Held& one : held_) TRY(visit(one.version));
  return Done{};
}

}  // namespace tidemark::files
