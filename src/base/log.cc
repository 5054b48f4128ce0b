#include "base/log.h"

#include <memory>
#include <mutex>

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json_text.h"
#include "base/time.h"

namespace tidemark::log {
namespace {

constexpr std::size_t kRedactBytesMin = 8;
constexpr std::string_view kRedacted = "[redacted]";
// Of the secrets registered, so that a daemon that renews its session for years stays small.
constexpr std::size_t kSecretsMax = 64;

// The log is the one thing that every layer shares without being handed it.
struct Shared {
  std::mutex mutex;
  std::vector<std::string> secrets;
  Format format = Format::text;
  std::shared_ptr<spdlog::logger> logger;  // shared with spdlog's registry-free sinks

  Shared() {
    logger = std::make_shared<spdlog::logger>("tidemark",
                                              std::make_shared<spdlog::sinks::stderr_sink_mt>());
    set_format(Format::text);
  }

  void set_format(Format wanted) {
    format = wanted;
    logger->set_pattern(wanted == Format::json ? "%v" : "%Y-%m-%dT%H:%M:%SZ %l %v",
                        spdlog::pattern_time_type::utc);
  }
};

Shared& shared() {
  static Shared instance;
  return instance;
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string_view level_name(Level level) {
  switch (level) {
    case Level::debug: return "debug";
    case Level::info: return "info";
    case Level::warning: return "warning";
    case Level::error: return "error";
  }
  return "error";
}

std::string redacted(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets)
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + kRedacted.size()))
      text.replace(at, secret.size(), kRedacted);
  return text;
}

std::string without_control_bytes(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      safe += fmt::format("\\x{:02x}", byte);
    else
      safe += c;
  }
  return safe;
}

std::string json_line(Level level, std::string_view message, const Fields& fields) {
  const auto now = std::chrono::floor<Millis>(spdlog::log_clock::now());
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","message":{})", format_time(now),
                                 level_name(level), json_text(message));
  for (const auto& [name, value] : fields)
    line += fmt::format(",{}:{}", json_text(name), json_text(value));
  return line + "}";
}

std::string text_line(std::string_view message, const Fields& fields) {
  std::string line = without_control_bytes(message);
  for (const auto& [name, value] : fields) {
    const bool quote = value.find(' ') != std::string::npos || value.empty();
    const std::string safe = without_control_bytes(value);
    line += quote ? fmt::format(" {}=\"{}\"", name, safe) : fmt::format(" {}={}", name, safe);
  }
  return line;
}

}  // namespace

void configure(Level least, Format format) {
  const std::lock_guard lock(shared().mutex);
  shared().set_format(format);
  shared().logger->set_level(spdlog_level(least));
}

void redact(const Secret& secret) {
  if (secret.reveal().size() < kRedactBytesMin) return;
  const std::lock_guard lock(shared().mutex);
  std::string text(secret.reveal());
  for (const std::string& known : shared().secrets)
    if (known == text) return;
  if (shared().secrets.size() == kSecretsMax) shared().secrets.erase(shared().secrets.begin());
  shared().secrets.push_back(std::move(text));
}

void write(Level level, std::string_view message, const Fields& fields) {
  const std::lock_guard lock(shared().mutex);
  if (!shared().logger->should_log(spdlog_level(level))) return;
  std::string line = shared().format == Format::json ? json_line(level, message, fields)
                                                     : text_line(message, fields);
  // The line is an argument, never a format string.
  shared().logger->log(spdlog_level(level), "{}", redacted(std::move(line), shared().secrets));
}

std::string without_secrets(std::string_view text) {
  const std::lock_guard lock(shared().mutex);
  return redacted(std::string(text), shared().secrets);
}

std::string safe_text(std::string_view text) {
  const std::lock_guard lock(shared().mutex);
  return redacted(without_control_bytes(text), shared().secrets);
}

std::string safe_lines(std::string_view text) {
  std::string safe;
  for (;;) {
    const std::size_t end = text.find('\n');
    safe += safe_text(text.substr(0, end));
    if (end == std::string_view::npos) return safe;
    safe += '\n';
    text.remove_prefix(end + 1);
  }
}

}  // namespace tidemark::log
