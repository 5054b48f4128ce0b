// read_instance, read_snapshot: no answer of RDS hurts the readers, and what they accept is named.
#include <cstdint>

#include "aws/rds/rds_xml.h"

using namespace tidemark;

namespace {

void read_all(const aws::XmlNode& node) {
  if (const auto instance = aws::rds::read_instance(node)) CHECK(!instance->id.empty());
  if (const auto snapshot = aws::rds::read_snapshot(node)) CHECK(!snapshot->arn.empty());
  for (const aws::XmlNode& child : node.children()) read_all(child);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 65536) return 0;  // reading at every node takes the square of the size
  const auto document =
      aws::XmlDocument::parse(std::string(reinterpret_cast<const char*>(data), size));
  if (document) read_all(document->root());
  return 0;
}
