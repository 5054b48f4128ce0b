// XML answers, read within limits: 16 MiB, 64 levels, 150,000 elements and attributes.
//
// Read-only, on pugixml, which only xml.cc knows. No DTD: a DOCTYPE is refused, and so are entities
// of its making. Namespace prefixes are dropped. Always UTF-8, whatever the declaration says.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace pugi {
struct xml_node_struct;
}

namespace tidemark::aws {

// An element of an XmlDocument, which must outlive it; or none, which has no children and no text.
// Cheap to copy.
class XmlNode {
 public:
  XmlNode() = default;
  explicit operator bool() const { return node_ != nullptr; }

  std::string_view name() const;
  // All text directly inside, white space and all; empty when there is none.
  std::string text() const;

  // The first child of that name, or none.
  XmlNode child(std::string_view name) const;
  // All children, or all of that name, in their order.
  std::vector<XmlNode> children() const;
  std::vector<XmlNode> children(std::string_view name) const;

  // The text of the first child of that name. Empty both when there is no such child and when it
  // has no text, which AWS uses alike.
  std::string text(std::string_view name) const;
  // Fails with corrupt when it is empty.
  Result<std::string> required_text(std::string_view name) const;

  // The value of the first child of that name, or nullopt when it is absent or empty. Fails with
  // corrupt when it is something else.
  Result<std::optional<bool>> boolean(std::string_view name) const;
  Result<std::optional<std::int64_t>> integer(std::string_view name) const;
  Result<std::optional<TimePoint>> time(std::string_view name) const;

 private:
  friend class XmlDocument;
  explicit XmlNode(pugi::xml_node_struct* node) : node_(node) {}

  pugi::xml_node_struct* node_ = nullptr;
};

class XmlDocument {
 public:
  // Takes the text, because parsing happens in place. Fails with corrupt when it is not one
  // well-formed element (cut short, for example), and with exhausted beyond the limits.
  static Result<XmlDocument> parse(std::string text);

  XmlDocument(XmlDocument&&) noexcept;
  XmlDocument& operator=(XmlDocument&&) noexcept;
  ~XmlDocument();

  XmlNode root() const;

 private:
  struct Parsed;
  explicit XmlDocument(std::unique_ptr<Parsed> parsed);

  std::unique_ptr<Parsed> parsed_;  // on the heap: nodes point into it
};

}  // namespace tidemark::aws
