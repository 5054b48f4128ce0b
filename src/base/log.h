// The log: lines on standard error, for people (text) or for machines (JSON lines).
//
// Every line passes one redaction: registered secrets are replaced, and control bytes of remote
// text are escaped, so that no message can forge another or move the cursor.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace tidemark::log {

enum class Level { debug, info, warning, error };
enum class Format { text, json };

// Named values that go with a line: source, snapshot, request id.
using Fields = std::vector<std::pair<std::string_view, std::string>>;

void configure(Level least, Format format);

// From now on this text is written as "[redacted]" wherever it occurs in a line. Texts shorter than
// 8 bytes are ignored: replacing them would garble the log. The newest 64 are remembered.
void redact(const Secret& secret);

void write(Level level, std::string_view message, const Fields& fields = {});

inline void debug(std::string_view m, const Fields& f = {}) { write(Level::debug, m, f); }
inline void info(std::string_view m, const Fields& f = {}) { write(Level::info, m, f); }
inline void warning(std::string_view m, const Fields& f = {}) { write(Level::warning, m, f); }
inline void error(std::string_view m, const Fields& f = {}) { write(Level::error, m, f); }

// The text with registered secrets replaced.
std::string without_secrets(std::string_view text);

// The text with control bytes as \xNN and registered secrets replaced. What write() does to a
// message, for texts that go elsewhere.
std::string safe_text(std::string_view text);

// The same, but line ends stay.
std::string safe_lines(std::string_view text);

}  // namespace tidemark::log
