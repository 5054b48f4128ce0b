#include "base/process_identity.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/file.h"

namespace tidemark {
namespace {

constexpr std::size_t kProcFileBytesMax = 4096;
constexpr int kFieldsBeforeStart = 19;  // proc(5): of /proc/PID/stat, counted after the name

// FNV-1a: only to shorten two names into one.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const unsigned char c : text) hash = (hash ^ c) * 1099511628211u;
  return hash;
}

std::string read_link(const char* path) {
  char target[128];
  const ssize_t length = ::readlink(path, target, sizeof target);
  return length < 0 ? "" : std::string(target, static_cast<std::size_t>(length));
}

// nullopt when there is no such process.
std::optional<unsigned long long> start_of(int pid) {
  const auto stat = read_file(fmt::format("/proc/{}/stat", pid), kProcFileBytesMax);
  if (!stat) return std::nullopt;
  std::size_t at = stat->rfind(')');  // the name before it may hold anything
  if (at == std::string::npos || stat->compare(at, 3, ") Z") == 0) return std::nullopt;
  for (int field = 0; field <= kFieldsBeforeStart && at != std::string::npos; ++field)
    at = stat->find(' ', at + 1);
  if (at == std::string::npos) return std::nullopt;
  unsigned long long started = 0;
  std::from_chars(stat->data() + at + 1, stat->data() + stat->size(), started);
  return started;
}

std::string host_name() {
  char name[256] = {};
  if (::gethostname(name, sizeof name - 1) != 0) return "unknown";
  std::string host;
  for (const char c : std::string_view(name)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.';
    if (plain && host.size() < 63) host += c;
  }
  return host.empty() ? "unknown" : host;
}

// Whether the process of that name runs; nullopt when nobody here can know.
std::optional<bool> runs(std::string_view identity, const ProcessIdentity& self) {
  std::vector<std::string_view> parts;
  while (parts.size() < 4) {
    const std::size_t end = parts.size() < 3 ? identity.find(':') : identity.size();
    if (end == std::string_view::npos) return std::nullopt;
    parts.push_back(identity.substr(0, end));
    identity.remove_prefix(std::min(end + 1, identity.size()));
  }
  if (parts[1] != self.machine) return std::nullopt;
  int pid = 0;
  unsigned long long started = 0;
  const auto read = [](std::string_view text, auto& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
  };
  if (!read(parts[2], pid) || !read(parts[3], started)) return std::nullopt;
  const auto now = start_of(pid);
  return now && *now == started;
}

}  // namespace

std::string ProcessIdentity::text() const {
  return fmt::format("{}:{}:{}:{}", host, machine, pid, started);
}

ProcessIdentity this_process() {
  const auto boot = read_file("/proc/sys/kernel/random/boot_id", kProcFileBytesMax);
  const std::string place = (boot ? *boot : "") + read_link("/proc/self/ns/pid");
  const int pid = ::getpid();
  return {.host = host_name(),
          .machine = fmt::format("{:016x}", hash_of(place)),
          .pid = pid,
          .started = start_of(pid).value_or(0)};
}

bool is_known_dead(std::string_view identity, const ProcessIdentity& self) {
  return !runs(identity, self).value_or(true);
}

bool is_known_alive(std::string_view identity, const ProcessIdentity& self) {
  return runs(identity, self).value_or(false);
}

}  // namespace tidemark
