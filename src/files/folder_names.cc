#include "files/folder_names.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/remote_text.h"
#include "net/url.h"

namespace tidemark::files {
namespace {

constexpr std::string_view kEmptyPart = "%";
constexpr std::string_view kFolderMark = "%d";
constexpr std::string_view kGoesOnMark = "%+";

// The bytes of a part as they can stand in a name, each of them apart.
std::vector<std::string> written(std::string_view part) {
  const bool only_dots = part == "." || part == "..";
  std::vector<std::string> bytes;
  for (const char c : part) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x20 && byte != 0x7f && c != '%' && !only_dots;
    bytes.push_back(plain ? std::string(1, c) : fmt::format("%{:02X}", byte));
  }
  return bytes;
}

// One part as names: several when it is too long for one.
std::vector<std::string> names_of(std::string_view part) {
  if (part.empty()) return {std::string(kEmptyPart)};
  std::vector<std::string> names(1);
  for (const std::string& byte : written(part)) {
    if (names.back().size() + byte.size() > kNameBytesMax) {
      names.back() += kGoesOnMark;
      names.emplace_back();
    }
    names.back() += byte;
  }
  return names;
}

Error no_key(std::string_view name) {
  return Error{ErrorKind::invalid_input,
               fmt::format("'{}' is not a name that a key has", clean_remote_text(name))};
}

bool take_end(std::string_view& name, std::string_view end) {
  if (!name.ends_with(end)) return false;
  name.remove_suffix(end.size());
  return true;
}

}  // namespace

bool FolderNames::is_a_file(const std::string& key) const {
  return std::find(beginnings_.begin(), beginnings_.end(), key) != beginnings_.end();
}

std::vector<std::string> FolderNames::parts_of(const std::string& key) {
  // In the order of bytes all keys that begin with one follow it without a gap.
  while (!beginnings_.empty() && !key.starts_with(beginnings_.back())) beginnings_.pop_back();
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t slash = key.find('/'); slash != std::string::npos;
       begin = slash + 1, slash = key.find('/', begin)) {
    for (std::string& name : names_of(std::string_view(key).substr(begin, slash - begin)))
      parts.push_back(std::move(name));
    if (is_a_file(key.substr(0, slash))) parts.back() += kFolderMark;
  }
  for (std::string& name : names_of(std::string_view(key).substr(begin)))
    parts.push_back(std::move(name));
  beginnings_.push_back(key);
  return parts;
}

Result<std::string> key_of(const std::vector<std::string>& parts) {
  std::string key;
  bool goes_on = true;  // nothing comes before the first part
  for (const std::string& part : parts) {
    if (!goes_on) key += '/';
    std::string_view name = part;
    if (name.empty() || name == "." || name == "..") return no_key(part);
    take_end(name, kFolderMark);
    goes_on = take_end(name, kGoesOnMark);
    if (name == kEmptyPart) continue;
    const auto bytes = net::percent_decode(name);
    if (!bytes || bytes->empty()) return no_key(part);
    key += *bytes;
  }
  if (parts.empty() || goes_on) return no_key("");
  return key;
}

}  // namespace tidemark::files
