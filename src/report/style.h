// How text for people is dressed.
#pragma once

#include <string>
#include <string_view>

#include "core/source_plan.h"

namespace tidemark::report {

// Colours when the terminal has them; nothing otherwise.
class Style {
 public:
  explicit Style(bool coloured) : coloured_(coloured) {}

  std::string good(std::string_view text) const { return dress("32", text); }
  std::string bad(std::string_view text) const { return dress("1;31", text); }
  std::string doubtful(std::string_view text) const { return dress("33", text); }
  std::string strong(std::string_view text) const { return dress("1", text); }
  std::string faint(std::string_view text) const { return dress("2", text); }

  std::string of(core::Severity severity, std::string_view text) const {
    switch (severity) {
      case core::Severity::note: return faint(text);
      case core::Severity::warning: return doubtful(text);
      case core::Severity::critical: return bad(text);
    }
    return std::string(text);
  }

 private:
  std::string dress(std::string_view code, std::string_view text) const {
    if (!coloured_) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }

  bool coloured_;
};

}  // namespace tidemark::report
