// Secret: a string that must not reach a log, an argument list, JSON or a core file.
//
// It has no formatter and no stream operator; who needs the text calls reveal(), which can be
// searched for. The memory is wiped when it goes.
#pragma once

#include <string>
#include <string_view>

namespace tidemark {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      text_ = other.text_;
    }
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const { return text_.empty(); }
  std::string_view reveal() const { return text_; }

 private:
  void wipe() {
    // Through volatile, so that the compiler cannot see that nobody reads it again.
    volatile char* bytes = text_.data();
    for (std::size_t i = 0; i < text_.size(); ++i) bytes[i] = 0;
  }

  std::string text_;
};

}  // namespace tidemark
