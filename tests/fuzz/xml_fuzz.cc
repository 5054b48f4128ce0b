// XmlDocument: no input hurts the reader, and what it accepts keeps to the limits.
#include <cstdint>

#include "aws/wire/limits.h"
#include "aws/wire/xml.h"

using namespace tidemark;
using aws::XmlNode;

namespace {

void visit(XmlNode node, std::size_t depth) {
  CHECK(depth <= aws::kDepthMax);
  CHECK(node.name().find(':') == std::string_view::npos || !node.name().empty());
  for (const XmlNode child : node.children()) {
    CHECK(node.child(child.name()));
    CHECK(!node.children(child.name()).empty());
    discard(node.boolean(child.name()), "only that it returns is tested");
    discard(node.integer(child.name()), "only that it returns is tested");
    discard(node.time(child.name()), "only that it returns is tested");
    CHECK(bool(node.required_text(child.name())) == !node.text(child.name()).empty());
    visit(child, depth + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document =
      aws::XmlDocument::parse(std::string(reinterpret_cast<const char*>(data), size));
  if (document) {
    CHECK(document->root());
    visit(document->root(), 1);
  } else {
    const ErrorKind kind = document.error().kind;
    CHECK(kind == ErrorKind::corrupt || kind == ErrorKind::exhausted);
  }
  return 0;
}
