// A bucket in memory with a report of S3 Inventory in it, as the S3 user guide describes them. The
// members are there to be spoilt.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "files/inventory_report.h"

namespace tidemark::test {

inline std::string gzipped(const std::string& plain) {
  z_stream stream{};
  CHECK(::deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(::deflateBound(&stream, plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  CHECK(::deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(packed.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return packed;
}

inline std::string md5_hex(const std::string& bytes) {
  crypto::Md5 digest;
  digest.update(bytes);
  return to_hex(digest.finish());
}

class MemoryReport final : public files::ReportStore {
 public:
  static constexpr const char* kFolder = "inventory/shop-files/daily/";

  std::map<std::string, std::string> objects;
  std::string format = "CSV";
  std::string version = "2016-11-30";
  std::string of = "shop-files";
  std::string schema =
      "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, "
      "StorageClass, IsMultipartUploaded";

  // "2026-11-24T01:00": when its scan began. The data files are so many CSV texts.
  void write(const std::string& began, const std::vector<std::string>& texts) {
    std::string files;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::string key = fmt::format("{}data/{}-{}.csv.gz", kFolder, began, i);
      objects[key] = gzipped(texts[i]);
      files +=
          fmt::format(R"({}{{"key": "{}", "size": {}, "MD5checksum": "{}"}})",
                      files.empty() ? "" : ", ", key, objects[key].size(), md5_hex(objects[key]));
    }
    const std::string manifest = fmt::format(
        R"({{"sourceBucket": "{}", "destinationBucket": "arn:aws:s3:::reports", "version": "{}",
             "creationTimestamp": "{}", "fileFormat": "{}", "fileSchema": "{}", "files": [{}]}})",
        of, version, parse_time(began + ":00Z")->time_since_epoch().count(), format, schema, files);
    put_manifest(began, manifest);
  }

  void put_manifest(const std::string& began, const std::string& manifest) {
    std::string folder = kFolder + began + "Z/";
    folder[folder.size() - 5] = '-';
    objects[folder + "manifest.json"] = manifest;
    objects[folder + "manifest.checksum"] = md5_hex(manifest) + "\n";
  }

  static std::string row(const std::string& key, const std::string& id, const std::string& time,
                         const std::string& latest = "true", const std::string& marker = "false") {
    return fmt::format(
        "\"shop-files\",\"{}\",\"{}\",\"{}\",\"{}\",\"{}\",\"{}\",\"{}\",\"{}\",\"\"\n", key, id,
        latest, marker, marker == "true" ? "" : "12", time,
        marker == "true" ? "" : "0123456789abcdef0123456789abcdef",
        marker == "true" ? "" : "STANDARD");
  }

  std::string describe() const override { return "s3://reports"; }
  Status for_each_key(const std::string& prefix,
                      const std::function<Status(const std::string&)>& visit) override {
    for (const auto& [key, content] : objects)
      if (key.starts_with(prefix)) TRY(visit(key));
    return Done{};
  }
  Result<Bytes> get(const std::string& key, std::size_t bytes_max) override {
    const auto found = objects.find(key);
    if (found == objects.end()) return Error{ErrorKind::not_found, key + " is not there"};
    CHECK(found->second.size() <= bytes_max);
    return found->second;
  }
  Status read(const std::string& key, std::uint64_t size,
              const std::function<Status(ByteView)>& sink) override {
    const Bytes content = TRY(get(key, size_t{1} << 30));
    if (content.size() != size) return Error{ErrorKind::corrupt, "it is of another size"};
    constexpr std::size_t kPiece = 1'000;
    for (std::size_t at = 0; at < content.size(); at += kPiece)
      TRY(sink(ByteView(content).substr(at, kPiece)));
    return Done{};
  }
};

}  // namespace tidemark::test
