#include "storage/s3/s3_store.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "storage/key.h"

namespace tidemark::storage {
namespace {

// S3 takes keys of 1024 bytes.
constexpr std::size_t kPrefixBytesMax = 500;

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// The message of a missing object names it as our caller does.
Error in_our_words(std::string_view key, Error error) {
  if (error.kind == ErrorKind::not_found) error.message = fmt::format("there is no object {}", key);
  if (error.kind == ErrorKind::already_exists)
    error.message = fmt::format("object {} exists already", key);
  return error;
}

}  // namespace

Status check_s3_prefix(std::string_view prefix) {
  if (prefix.empty() || (prefix.size() <= kPrefixBytesMax && is_key(lower_case(prefix))))
    return Done{};
  return Error{
      ErrorKind::invalid_input,
      fmt::format("'{}' is not a prefix for a repository", log::safe_text(prefix.substr(0, 100))),
      "A prefix has letters, digits, '.', '_', '-' and '/' only, and no empty parts."};
}

S3Store::S3Store(std::unique_ptr<aws::S3Client> client, std::string prefix)
    : client_(std::move(client)), folder_(prefix.empty() ? prefix : prefix + "/") {
  CHECK(check_s3_prefix(prefix));
}

Status S3Store::put(std::string_view key, ByteView body, PutMode mode) {
  TRY(check_put(key, body));
  const auto condition =
      mode == PutMode::create_only ? aws::PutCondition::if_absent : aws::PutCondition::none;
  Status done = client_->put(full(key), body, condition);
  if (!done) return in_our_words(key, std::move(done).error());
  return done;
}

Result<Bytes> S3Store::get(std::string_view key, std::optional<ByteRange> range) {
  TRY(check_key(key));
  std::optional<aws::S3Range> wanted;
  if (range) wanted = aws::S3Range{range->offset, range->length};
  Result<Bytes> bytes = client_->get(full(key), wanted);
  if (!bytes) return in_our_words(key, std::move(bytes).error());
  return bytes;
}

Result<ObjectInfo> S3Store::stat(std::string_view key) {
  TRY(check_key(key));
  Result<aws::S3Object> object = client_->head(full(key));
  if (!object) return in_our_words(key, std::move(object).error());
  return ObjectInfo{std::string(key), object->size, object->modified};
}

Status S3Store::remove(std::string_view key) {
  TRY(check_key(key));
  return client_->remove(full(key));
}

Status S3Store::list(std::string_view prefix,
                     const std::function<Status(const ObjectInfo&)>& visit) {
  TRY(check_prefix(prefix));
  return client_->for_each_object(full(prefix), [&](const aws::S3Object& object) -> Status {
    std::string key = object.key.substr(folder_.size());
    if (!is_key(key)) return Done{};
    return visit(ObjectInfo{std::move(key), object.size, object.modified});
  });
}

std::string S3Store::describe() const {
  const std::string_view prefix(folder_.data(), folder_.size() - (folder_.empty() ? 0 : 1));
  return prefix.empty() ? fmt::format("s3://{}", client_->location().bucket)
                        : fmt::format("s3://{}/{}", client_->location().bucket, prefix);
}

Result<std::size_t> S3Store::abort_abandoned(TimePoint begun_before) {
  return client_->abort_abandoned(folder_, begun_before);
}

}  // namespace tidemark::storage
