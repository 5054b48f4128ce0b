#include "aws/wire/xml.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <pugixml.hpp>

#include "aws/wire/limits.h"
#include "base/remote_text.h"

namespace tidemark::aws {
namespace {

// DOCTYPE becomes a node only so that we see it. A text of white space alone is kept: it may be an
// S3 key. Text inside its element saves a node for each.
constexpr unsigned kParseOptions = pugi::parse_cdata | pugi::parse_escapes | pugi::parse_eol |
                                   pugi::parse_doctype | pugi::parse_ws_pcdata_single |
                                   pugi::parse_embed_pcdata;

Error too_large(std::string_view what) {
  return Error{ErrorKind::exhausted, fmt::format("xml answer has {}", what)};
}

// How many elements, attributes and sections the text can have at most, before anything is
// allocated for them. "=" counts only where it can belong to an attribute, because object keys may
// be full of it; with sections that hide quotes from us ("<!") it counts everywhere.
std::size_t count_parts(std::string_view text) {
  const bool sections = text.find("<!") != std::string_view::npos;
  std::size_t parts = 0;
  bool in_tag = sections;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '<' || (c == '=' && in_tag)) ++parts;
    if (sections) continue;
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (in_tag) {
      if (c == '"' || c == '\'') quote = c;
      in_tag = c != '>';
    } else if (text.substr(i, 2) == "<?") {
      i = std::min(text.find("?>", i), text.size());
    } else {
      in_tag = c == '<';
    }
  }
  return parts;
}

// Walks by next and parent links, so it needs no stack of its own.
Status check_tree(const pugi::xml_document& document) {
  std::size_t depth = 0;
  for (pugi::xml_node node = document.first_child(); node;) {
    if (node.type() == pugi::node_doctype)
      return Error{ErrorKind::corrupt, "xml answer has a DOCTYPE"};
    if (node.first_child()) {
      if (++depth >= kDepthMax) return too_large(fmt::format("more than {} levels", kDepthMax));
      node = node.first_child();
      continue;
    }
    while (node && !node.next_sibling()) {
      node = node.parent();
      if (node == document) return Done{};
      --depth;
    }
    node = node.next_sibling();
  }
  return Done{};
}

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node wrap(pugi::xml_node_struct* node) { return pugi::xml_node(node); }

Error bad_value(std::string_view name, std::string_view text, std::string_view wanted) {
  return Error{ErrorKind::corrupt, fmt::format("xml element {} is '{}' and not {}", name,
                                               clean_remote_text(text, 100), wanted)};
}

}  // namespace

struct XmlDocument::Parsed {
  std::string text;
  pugi::xml_document document;
};

XmlDocument::XmlDocument(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
XmlDocument::XmlDocument(XmlDocument&&) noexcept = default;
XmlDocument& XmlDocument::operator=(XmlDocument&&) noexcept = default;
XmlDocument::~XmlDocument() = default;

Result<XmlDocument> XmlDocument::parse(std::string text) {
  if (text.size() > kDocumentBytesMax)
    return too_large(fmt::format("more than {} bytes", kDocumentBytesMax));
  // An end tag is no part of its own, and AWS writes one for each element.
  if (count_parts(text) > 2 * kPartsMax) return too_large("too many elements");
  auto parsed = std::make_unique<Parsed>();
  parsed->text = std::move(text);
  pugi::xml_document& document = parsed->document;
  const pugi::xml_parse_result outcome = document.load_buffer_inplace(
      parsed->text.data(), parsed->text.size(), kParseOptions, pugi::encoding_utf8);
  if (!outcome)
    return Error{ErrorKind::corrupt, fmt::format("answer is not xml: {} at byte {}",
                                                 outcome.description(), outcome.offset)};
  TRY(check_tree(document));
  if (document.first_child() != document.last_child())
    return Error{ErrorKind::corrupt, "xml answer has more than one root element"};
  return XmlDocument(std::move(parsed));
}

XmlNode XmlDocument::root() const {
  return XmlNode(parsed_->document.document_element().internal_object());
}

std::string_view XmlNode::name() const { return without_prefix(wrap(node_).name()); }

std::string XmlNode::text() const {
  const pugi::xml_node node = wrap(node_);
  std::string result = node.value();
  for (const pugi::xml_node piece : node.children())
    if (piece.type() == pugi::node_pcdata || piece.type() == pugi::node_cdata)
      result += piece.value();
  return result;
}

XmlNode XmlNode::child(std::string_view name) const {
  for (const pugi::xml_node child : wrap(node_).children())
    if (child.type() == pugi::node_element && without_prefix(child.name()) == name)
      return XmlNode(child.internal_object());
  return {};
}

std::vector<XmlNode> XmlNode::children() const {
  std::vector<XmlNode> result;
  for (const pugi::xml_node child : wrap(node_).children())
    if (child.type() == pugi::node_element) result.push_back(XmlNode(child.internal_object()));
  return result;
}

std::vector<XmlNode> XmlNode::children(std::string_view name) const {
  std::vector<XmlNode> result;
  for (const XmlNode child : children())
    if (child.name() == name) result.push_back(child);
  return result;
}

std::string XmlNode::text(std::string_view name) const { return child(name).text(); }

Result<std::string> XmlNode::required_text(std::string_view name) const {
  std::string text = this->text(name);
  if (text.empty())
    return Error{ErrorKind::corrupt, fmt::format("xml element {} has no {}",
                                                 clean_remote_text(this->name(), 100), name)};
  return text;
}

Result<std::optional<bool>> XmlNode::boolean(std::string_view name) const {
  const std::string text = this->text(name);
  if (text.empty()) return std::optional<bool>{};
  if (text == "true" || text == "True") return std::optional{true};
  if (text == "false" || text == "False") return std::optional{false};
  return bad_value(name, text, "true or false");
}

Result<std::optional<std::int64_t>> XmlNode::integer(std::string_view name) const {
  const std::string text = this->text(name);
  if (text.empty()) return std::optional<std::int64_t>{};
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size())
    return bad_value(name, text, "a whole number");
  return std::optional{value};
}

Result<std::optional<TimePoint>> XmlNode::time(std::string_view name) const {
  const std::string text = this->text(name);
  if (text.empty()) return std::optional<TimePoint>{};
  const Result<TimePoint> value = parse_time(text);
  if (!value) return bad_value(name, text, "a time");
  return std::optional{*value};
}

}  // namespace tidemark::aws
