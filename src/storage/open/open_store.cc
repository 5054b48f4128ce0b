#include "storage/open/open_store.h"

#include <fmt/format.h>

#include "base/log.h"
#include "net/url.h"
#include "storage/local/local_store.h"
#include "storage/s3/s3_store.h"

namespace tidemark::storage {
namespace {

constexpr std::string_view kFileScheme = "file://";
constexpr std::string_view kS3Scheme = "s3://";
constexpr std::string_view kHowToWriteIt =
    "Write a folder, such as /srv/backup, or s3://bucket/prefix.";

Error bad_location(std::string_view text, std::string_view why) {
  constexpr std::size_t kQuotedBytesMax = 200;
  return Error{ErrorKind::invalid_input,
               fmt::format("'{}' is no place for a repository: {}",
                           log::safe_text(text.substr(0, kQuotedBytesMax)), why),
               std::string(kHowToWriteIt)};
}

// "ftp" of "ftp://x"; empty when it is a path.
std::string_view scheme_of(std::string_view text) {
  const std::size_t colon = text.find("://");
  const std::size_t slash = text.find('/');
  if (colon == std::string_view::npos || slash < colon) return {};
  return text.substr(0, colon);
}

Result<StoreLocation> parse_local(std::string_view text, const S3Options& options) {
  std::string path(text);
  if (text.starts_with(kFileScheme)) {
    const Result<std::string> decoded = net::percent_decode(text.substr(kFileScheme.size()));
    if (!decoded) return bad_location(text, "it has a broken % escape");
    path = *decoded;
    if (!path.starts_with('/'))
      return bad_location(text, "a file URL has three slashes, file:///srv/backup");
  }
  if (path.find('\0') != std::string::npos) return bad_location(text, "it holds a zero byte");
  if (options != S3Options{})
    return bad_location(text, "region, endpoint_url and path_style go with s3:// only");
  return StoreLocation{LocalLocation{std::move(path)}};
}

Result<StoreLocation> parse_s3(std::string_view text, const S3Options& options) {
  std::string_view rest = text.substr(kS3Scheme.size());
  if (rest.find_first_of("?#@") != std::string_view::npos)  // and are not quoted
    return bad_location(kS3Scheme, "options and credentials do not belong into it");
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  S3Location location;
  location.bucket = {std::string(rest.substr(0, slash)), options.region, options.endpoint_url,
                     options.path_style};
  rest.remove_prefix(slash);
  if (rest.starts_with('/')) rest.remove_prefix(1);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  location.prefix = rest;
  TRY(check_s3_prefix(location.prefix));
  const std::string_view region =
      options.region.empty() ? aws::kDefaultS3Region : std::string_view(options.region);
  TRY(aws::bucket_url(location.bucket, region));
  return StoreLocation{std::move(location)};
}

Result<std::unique_ptr<ObjectStore>> open_local(const LocalLocation& location, OpenMode mode) {
  auto opened = mode == OpenMode::create ? LocalStore::create(location.path)
                                         : LocalStore::open(location.path);
  return std::unique_ptr<ObjectStore>(TRY(std::move(opened)));
}

}  // namespace

Result<StoreLocation> parse_store_location(std::string_view text, const S3Options& options) {
  if (text.empty()) return bad_location(text, "it is empty");
  if (text.starts_with(kS3Scheme)) return parse_s3(text, options);
  if (text.starts_with(kFileScheme)) return parse_local(text, options);
  if (const std::string_view scheme = scheme_of(text); !scheme.empty())
    return bad_location(text, fmt::format("'{}' is not known", log::safe_text(scheme)));
  if (text.starts_with("s3:")) return bad_location(text, "S3 is written s3://bucket/prefix");
  return parse_local(text, options);
}

Result<std::unique_ptr<ObjectStore>> open_store(const StoreLocation& location, OpenMode mode,
                                                const StoreParts& parts) {
  if (const auto* local = std::get_if<LocalLocation>(&location)) return open_local(*local, mode);
  const auto& s3 = std::get<S3Location>(location);
  if (!parts.aws) return Error{ErrorKind::unsupported, "S3 was not set up for this command"};
  std::unique_ptr<aws::S3Client> client = TRY(aws::S3Client::open(
      s3.bucket, *parts.aws, {.object_bytes_max = static_cast<std::size_t>(kObjectBytesMax)}));
  return std::unique_ptr<ObjectStore>(std::make_unique<S3Store>(std::move(client), s3.prefix));
}

}  // namespace tidemark::storage
