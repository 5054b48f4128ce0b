#include "postgres/dump/archive_folder.h"

#include <fmt/format.h>

#include "base/file.h"
#include "postgres/dump/archive_bytes.h"

namespace tidemark::postgres {
namespace {

constexpr unsigned kPrivateFile = 0600;
constexpr const char* kLargeObjectList = "blobs.toc";

}  // namespace

Status ArchiveFolder::open(const std::string& name) {
  file_.emplace(TRY(OutputFile::draft(folder_ + "/" + name, kPrivateFile)));
  return Done{};
}

Status ArchiveFolder::close() {
  TRY(file_->commit());
  file_.reset();
  return Done{};
}

Status ArchiveFolder::begin_table(std::int32_t dump_id) {
  file_of_entry_[dump_id] = fmt::format("{}.dat", dump_id);
  return open(file_of_entry_[dump_id]);
}

Status ArchiveFolder::rows(ByteView bytes) { return file_->write(bytes); }

Status ArchiveFolder::end_table() {
  TRY(file_->write(kEndOfRows));
  return close();
}

Status ArchiveFolder::begin_large_objects(std::int32_t dump_id) {
  file_of_entry_[dump_id] = kLargeObjectList;
  return Done{};
}

Status ArchiveFolder::large_object(std::uint32_t oid, ByteView piece) {
  if (!file_) {
    const std::string name = fmt::format("blob_{}.dat", oid);
    large_objects_ += fmt::format("{} {}\n", oid, name);
    TRY(open(name));
  }
  return piece.empty() ? close() : file_->write(piece);
}

Status ArchiveFolder::end_large_objects() {
  return replace_file(folder_ + "/" + kLargeObjectList, large_objects_, kPrivateFile);
}

Status ArchiveFolder::finish() {
  for (const ArchiveEntry& entry : archive_.entries)
    if (entry.has_data && !file_of_entry_.contains(entry.dump_id))
      return Error{ErrorKind::corrupt,
                   fmt::format("data of entry {} of the archive are missing", entry.dump_id)};
  return replace_file(folder_ + "/toc.dat", encode_folder_contents(archive_, file_of_entry_),
                      kPrivateFile);
}

}  // namespace tidemark::postgres
