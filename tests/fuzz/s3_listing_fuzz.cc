// read_object_page, read_upload_page: no listing hurts the readers, and what they accept is in
// order, under its prefix, and either the last page or followed by another.
#include <cstdint>

#include "aws/s3/listing.h"

using namespace tidemark;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document =
      aws::XmlDocument::parse(std::string(reinterpret_cast<const char*>(data), size));
  if (!document) return 0;
  for (const std::string prefix : {"", "p/"}) {
    if (const auto page = aws::read_object_page(document->root(), prefix, "")) {
      std::string previous;
      for (const aws::S3Object& object : page->objects) {
        CHECK(object.key.starts_with(prefix) && object.key > previous);
        previous = object.key;
      }
    }
    if (const auto page = aws::read_upload_page(document->root(), prefix))
      for (const aws::S3Upload& upload : page->uploads)
        CHECK(upload.key.starts_with(prefix) && !upload.id.empty());
  }
  return 0;
}
