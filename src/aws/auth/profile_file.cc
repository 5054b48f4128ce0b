#include "aws/auth/profile_file.h"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "base/file.h"

namespace tidemark::aws {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";

std::string_view trimmed(std::string_view text) {
  const std::size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

// The profile that a section header names; nothing when it is no profile. Both [profile x] and
// [profile "x"] are written.
std::optional<std::string> profile_name(std::string_view section, ProfileFileKind kind) {
  if (kind == ProfileFileKind::credentials || section == "default") return std::string(section);
  constexpr std::string_view kPrefix = "profile";
  if (!section.starts_with(kPrefix)) return std::nullopt;
  const std::string_view rest = section.substr(kPrefix.size());
  std::string_view name = trimmed(rest);
  if (name.empty() || name.size() == rest.size()) return std::nullopt;
  const bool quoted = name.size() >= 2 && (name.front() == '"' || name.front() == '\'') &&
                      name.front() == name.back();
  if (quoted) name = name.substr(1, name.size() - 2);
  return std::string(name);
}

// Reads line by line. What is open: a section (perhaps one to skip) and a key in it.
class ProfileParser {
 public:
  explicit ProfileParser(ProfileFileKind kind) : kind_(kind) {}

  Status add(std::string_view line) {
    ++line_number_;
    if (line.find('\0') != std::string_view::npos) return fault("holds a zero byte");
    const std::string_view text = trimmed(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') return Done{};
    const std::size_t indent = line.find_first_not_of(kBlanks);
    if (key_is_open_ && indent > key_indent_) {
      continue_value(text);
      return Done{};
    }
    return text.front() == '[' ? open_section(text) : open_key(text, indent);
  }

  Profiles take() && { return std::move(profiles_); }

 private:
  Error fault(std::string_view what) const {
    return Error{ErrorKind::invalid_input, fmt::format("line {} {}", line_number_, what)};
  }

  Status open_section(std::string_view text) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return fault("opens a section and does not close it");
    const std::string_view header = text.substr(1, end - 1);
    section_ = profile_name(header, kind_);
    key_is_open_ = false;
    if (!headers_.emplace(header).second) return fault("opens a section for the second time");
    // [default] and [profile default] may both be there: the later one counts.
    if (section_) profiles_[*section_] = Profile{};
    return Done{};
  }

  Status open_key(std::string_view text, std::size_t indent) {
    if (headers_.empty()) return fault("stands before the first section");
    const std::size_t end = text.find_first_of("=:");
    if (end == std::string_view::npos || end == 0) return fault("is neither a key nor a section");
    key_ = lower_case(trimmed(text.substr(0, end)));
    key_indent_ = indent;
    key_is_open_ = true;
    if (!section_) return Done{};
    const std::string value(trimmed(text.substr(end + 1)));
    if (!profiles_[*section_].emplace(key_, value).second) {
      return fault("sets a key for the second time");
    }
    return Done{};
  }

  void continue_value(std::string_view text) {
    if (!section_) return;
    std::string& value = profiles_[*section_][key_];
    if (!value.empty()) value.append("\n").append(text);
  }

  const ProfileFileKind kind_;
  Profiles profiles_;
  std::size_t line_number_ = 0;
  std::set<std::string> headers_;
  std::optional<std::string> section_;  // absent inside a section that is no profile
  std::string key_;
  std::size_t key_indent_ = 0;
  bool key_is_open_ = false;
};

// The file that the variable names, else the one in $HOME/.aws; empty when there is no home.
Result<std::string> choose_file(const Environment& environment, const char* variable,
                                std::string_view name_in_home) {
  const auto home = find_variable(environment, "HOME");
  const auto path = find_variable(environment, variable);
  if (!path) return home ? *home + "/.aws/" + std::string(name_in_home) : std::string();
  if (!path->starts_with("~/")) return *path;
  if (!home) {
    return Error{ErrorKind::invalid_input,
                 fmt::format("{} is '{}' and HOME is not set", variable, *path)};
  }
  return *home + path->substr(1);
}

Result<Profiles> read_profiles(const std::string& path, ProfileFileKind kind) {
  if (path.empty()) return Profiles{};
  auto text = read_file(path, kProfileFileBytesMax);
  if (!text) {
    if (text.error().kind == ErrorKind::not_found) return Profiles{};
    return std::move(text).error();
  }
  auto profiles = parse_profiles(*text, kind);
  if (!profiles) return in_context(path, std::move(profiles).error());
  return profiles;
}

bool can_be_region(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

}  // namespace

Result<Profiles> parse_profiles(std::string_view text, ProfileFileKind kind) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  ProfileParser parser(kind);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    TRY(parser.add(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(parser).take();
}

bool ProfileFiles::knows(const std::string& name) const {
  return config.contains(name) || credentials.contains(name);
}

Profile ProfileFiles::merged(const std::string& name) const {
  Profile out;
  if (const auto at = credentials.find(name); at != credentials.end()) out = at->second;
  // insert() leaves what is there, so the credentials file wins.
  if (const auto at = config.find(name); at != config.end()) {
    out.insert(at->second.begin(), at->second.end());
  }
  return out;
}

Result<ProfileFiles> read_profile_files(const Environment& environment) {
  ProfileFiles files;
  files.config_path = TRY(choose_file(environment, "AWS_CONFIG_FILE", "config"));
  files.credentials_path =
      TRY(choose_file(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials"));
  files.config = TRY(read_profiles(files.config_path, ProfileFileKind::config));
  files.credentials = TRY(read_profiles(files.credentials_path, ProfileFileKind::credentials));
  return files;
}

std::string selected_profile(const Environment& environment, std::string_view chosen) {
  if (!chosen.empty()) return std::string(chosen);
  for (const char* const name : {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"}) {
    if (auto profile = find_variable(environment, name)) return *profile;
  }
  return "default";
}

Result<std::string> resolve_region(const Environment& environment,
                                   std::string_view chosen_profile) {
  std::string origin;
  std::string region;
  for (const char* const name : {"AWS_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (const auto value = find_variable(environment, name)) {
      origin = name;
      region = *value;
      break;
    }
  }
  if (region.empty()) {
    const std::string profile = selected_profile(environment, chosen_profile);
    origin = "region of profile " + profile;
    region = TRY(read_profile_files(environment)).merged(profile)["region"];
  }
  if (region.empty()) {
    return Error{ErrorKind::invalid_input, "no AWS region is set",
                 "set AWS_REGION, or region in the profile of the AWS config file"};
  }
  if (!can_be_region(region)) {
    return Error{ErrorKind::invalid_input, origin + " is not the name of a region",
                 "write it as AWS does, such as eu-central-1, with nothing after it"};
  }
  return region;
}

}  // namespace tidemark::aws
