// Args: what one command accepts, and what it was given.
//
// A command declares its flags, options and positional arguments, bound to variables of its own,
// and then calls parse(). The same declarations make --help, the manual page and the shell
// completions: for these, parse() ends the command early with `cancelled`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tidemark::cli {

struct Argument {
  std::string name;   // "--dry-run", or "SOURCE" for a positional one
  std::string brief;  // "-j", for an option that is typed often
  std::string value;  // placeholder of the value, "NAME"; empty for a flag
  std::string help;
  bool required = false;
  bool repeated = false;

  bool positional() const { return !name.starts_with("-"); }
  // Takes one value as given; fails with invalid_input. A flag is given "".
  std::function<Status(const std::string&)> accept;
};

class Args {
 public:
  // To parse these words.
  explicit Args(std::vector<std::string> words) : words_(std::move(words)) {}
  // Only to collect the declarations.
  static Args for_description();

  void flag(std::string name, bool& target, std::string help);
  void option(std::string name, std::string placeholder, std::optional<std::string>& target,
              std::string help);
  void option(std::string name, std::string placeholder, int& target, int least, int most,
              std::string help);
  void option(std::string name, std::string placeholder, Seconds& target, std::string help);
  // A short form of the option that was declared last.
  void also(std::string brief) { declared_.back().brief = std::move(brief); }
  void positional(std::string name, std::string& target, std::string help);
  void positional(std::string name, std::optional<std::string>& target, std::string help);
  void positionals(std::string name, std::vector<std::string>& target, std::string help);

  // Fills the variables. Fails with invalid_input, naming the word and what was meant.
  Status parse();

  // Called at the end of a parse() that succeeded, for what every command has in common.
  void after_parse(std::function<Status()> then) { after_parse_ = std::move(then); }

  const std::vector<Argument>& declared() const { return declared_; }

 private:
  std::vector<Argument> declared_;
  std::vector<std::string> words_;
  std::function<Status()> after_parse_;
  bool describing_ = false;
};

}  // namespace tidemark::cli
