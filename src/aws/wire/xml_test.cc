#include "aws/wire/xml.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aws/wire/limits.h"

namespace tidemark::aws {
namespace {

using ::testing::HasSubstr;

XmlDocument parse(std::string text) {
  Result<XmlDocument> document = XmlDocument::parse(std::move(text));
  EXPECT_TRUE(document) << document.error().message;
  return *std::move(document);
}

ErrorKind failure(std::string text) {
  const Result<XmlDocument> document = XmlDocument::parse(std::move(text));
  EXPECT_FALSE(document);
  return document ? ErrorKind::unsafe : document.error().kind;
}

std::string nested(std::size_t levels) {
  std::string text;
  for (std::size_t i = 0; i < levels; ++i) text += "<a>";
  for (std::size_t i = 0; i < levels; ++i) text += "</a>";
  return text;
}

TEST(Xml, ReadsAnAnswer) {
  const XmlDocument document = parse(
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"latin1\"?>\n<R xmlns=\"u\"><L><S><Id>a</Id>"
      "<Size>20</Size><Encrypted>true</Encrypted><At>2026-11-22T02:00:00.123Z</At></S>"
      "<S><Id>b</Id></S></L></R>");
  EXPECT_EQ(document.root().name(), "R");
  const std::vector<XmlNode> snapshots = document.root().child("L").children("S");
  ASSERT_EQ(snapshots.size(), 2u);
  EXPECT_EQ(snapshots[0].text("Id"), "a");
  EXPECT_EQ(**snapshots[0].integer("Size"), 20);
  EXPECT_EQ(**snapshots[0].boolean("Encrypted"), true);
  EXPECT_EQ(format_time(**snapshots[0].time("At")), "2026-11-22T02:00:00Z");
  EXPECT_EQ(snapshots[0].children().size(), 4u);
  EXPECT_EQ(snapshots[1].text("Id"), "b");
}

TEST(Xml, AbsentIsNotAnErrorUntilItIsRequired) {
  const XmlDocument document = parse("<r><empty/></r>");
  const XmlNode root = document.root();
  EXPECT_FALSE(root.child("x"));
  EXPECT_FALSE(root.child("x").child("y").child("z"));
  EXPECT_EQ(root.child("x").text("y"), "");
  EXPECT_TRUE(root.child("x").children().empty());
  EXPECT_EQ(*root.time("x"), std::nullopt);
  EXPECT_EQ(*root.integer("empty"), std::nullopt);
  EXPECT_EQ(*root.boolean("empty"), std::nullopt);
  EXPECT_EQ(root.required_text("x").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(root.required_text("empty").error().kind, ErrorKind::corrupt);
}

TEST(Xml, WrongTypesAreCorrupt) {
  const XmlDocument document = parse("<r><a>x\x1b</a><b>12x</b><c>99999999999999999999</c></r>");
  EXPECT_EQ(document.root().integer("a").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(document.root().integer("a").error().message.find('\x1b'), std::string::npos);
  EXPECT_EQ(document.root().integer("b").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(document.root().integer("c").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(document.root().boolean("a").error().kind, ErrorKind::corrupt);
  EXPECT_EQ(document.root().time("a").error().kind, ErrorKind::corrupt);
}

TEST(Xml, TextKeepsEveryByteOfAnObjectKey) {
  EXPECT_EQ(parse("<k> </k>").root().text(), " ");
  EXPECT_EQ(parse("<k>  a </k>").root().text(), "  a ");
  EXPECT_EQ(parse("<k>&lt;&amp;&#x41;&#13;&#x1F600;</k>").root().text(), "<&A\r\xf0\x9f\x98\x80");
  EXPECT_EQ(parse("<k>a<![CDATA[<b>]]>c<!-- d -->e</k>").root().text(), "a<b>ce");
}

TEST(Xml, NamespacePrefixesAreDropped) {
  const XmlDocument document = parse("<s:r xmlns:s=\"u\"><s:Key>1</s:Key></s:r>");
  EXPECT_EQ(document.root().name(), "r");
  EXPECT_EQ(document.root().text("Key"), "1");
}

TEST(Xml, DoctypeIsRefused) {
  EXPECT_EQ(failure("<!DOCTYPE r [<!ENTITY a \"b\">]><r>&a;</r>"), ErrorKind::corrupt);
  EXPECT_EQ(failure("<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>"), ErrorKind::corrupt);
}

TEST(Xml, UnknownEntitiesStayText) { EXPECT_EQ(parse("<r>&lol9;</r>").root().text(), "&lol9;"); }

TEST(Xml, DepthEndsAtTheLimit) {
  EXPECT_TRUE(XmlDocument::parse(nested(kDepthMax)));
  EXPECT_EQ(failure(nested(kDepthMax + 1)), ErrorKind::exhausted);
  EXPECT_EQ(failure(nested(100'000)), ErrorKind::exhausted);
  EXPECT_EQ(failure(nested(1'000'000)), ErrorKind::exhausted);
}

TEST(Xml, PartsAndBytesEndAtTheLimit) {
  std::string many = "<r>";
  for (std::size_t i = 0; i < 2 * kPartsMax; ++i) many += "<a/>";
  EXPECT_EQ(failure(many + "</r>"), ErrorKind::exhausted);
  EXPECT_EQ(failure("<r>" + std::string(kDocumentBytesMax, 'x') + "</r>"), ErrorKind::exhausted);
}

TEST(Xml, AttributesEndAtTheLimit) {
  std::string many = "<r x='>\"'";
  for (std::size_t i = 0; i < 2 * kPartsMax; ++i) many += " a=''";
  EXPECT_EQ(failure(many + "/>"), ErrorKind::exhausted);
  EXPECT_EQ(failure("<?x ' ?>" + many + "/>"), ErrorKind::exhausted);
  EXPECT_EQ(failure("<!-- ' -->" + many + "/>"), ErrorKind::exhausted);
}

TEST(Xml, KeysFullOfEqualSignsAreNoAttributes) {
  EXPECT_EQ(parse("<?xml version='1.0'?><r a=\"'>\"><k>" + std::string(1 << 20, '=') + "</k></r>")
                .root()
                .text("k")
                .size(),
            1u << 20);
}

TEST(Xml, OtherEncodingsAreNotGuessed) {
  EXPECT_FALSE(XmlDocument::parse(std::string("<\0r\0/\0>\0", 8)));
  EXPECT_FALSE(XmlDocument::parse(std::string("\0<\0r\0/\0>", 8)));
}

TEST(Xml, WhatIsNotOneElementIsCorrupt) {
  for (const char* text : {"", " ", "text", "<r>", "<r></x>", "<r/><r/>", "<r", "{}", "<!-- -->",
                           "<html><br></html>", "<?xml version=\"1.0\"?>"})
    EXPECT_EQ(failure(text), ErrorKind::corrupt) << text;
}

TEST(Xml, EveryTruncationIsCorrupt) {
  const std::string text = "<?xml version=\"1.0\"?><R a=\"b\"><L><Id>x&amp;y</Id><E/></L></R>";
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_EQ(failure(text.substr(0, length)), ErrorKind::corrupt) << length;
}

// Calls every accessor on every element.
std::size_t visit(XmlNode node) {
  std::size_t bytes = node.name().size() + node.text().size();
  for (const XmlNode child : node.children()) {
    discard(node.boolean(child.name()), "only that it returns is tested");
    discard(node.integer(child.name()), "only that it returns is tested");
    discard(node.time(child.name()), "only that it returns is tested");
    bytes += visit(child);
  }
  return bytes;
}

TEST(Xml, NoSingleByteCorruptionHurtsTheReader) {
  const std::string text =
      "<?xml version=\"1.0\"?><R a=\"b\"><L><Id>x&amp;y</Id><!-- c --><E/></L></R>";
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[at] = static_cast<char>(byte);
      const Result<XmlDocument> document = XmlDocument::parse(changed);
      if (document) visit(document->root());
    }
  }
}

TEST(Xml, DocumentsCanBeMoved) {
  XmlDocument document = parse("<r/>");  // short enough to live inside a string object
  const XmlDocument moved = std::move(document);
  EXPECT_EQ(moved.root().name(), "r");
}

}  // namespace
}  // namespace tidemark::aws
