#include "cli/args.h"

#include <charconv>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/edit_distance.h"

namespace tidemark::cli {
namespace {

Error usage(std::string message) {
  return Error{ErrorKind::invalid_input, std::move(message), "add --help to see what there is"};
}

Status accept_integer(const std::string& name, const std::string& word, int least, int most,
                      int& target) {
  int value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole = error == std::errc{} && end == word.data() + word.size();
  if (!whole || value < least || value > most)
    return usage(fmt::format("{} is '{}'; it must be a whole number from {} to {}", name, word,
                             least, most));
  target = value;
  return Done{};
}

// An option that does not exist, with the one that was meant.
Error unknown_option(const std::vector<std::string>& extras, const std::vector<Argument>& known) {
  std::string word = extras.front();
  if (!word.starts_with("-")) return usage(fmt::format("unexpected argument '{}'", word));
  word = word.substr(0, word.find('='));
  std::vector<std::string> names;
  for (const Argument& argument : known)
    if (!argument.positional()) names.push_back(argument.name);
  const auto meant = nearest_word(word, names);
  return usage(fmt::format("unknown option {}{}", word,
                           meant ? fmt::format("; did you mean {}?", *meant) : ""));
}

}  // namespace

Args Args::for_description() {
  Args args({});
  args.describing_ = true;
  return args;
}

void Args::flag(std::string name, bool& target, std::string help) {
  declared_.push_back({.name = std::move(name),
                       .help = std::move(help),
                       .accept = [&target](const std::string&) -> Status {
                         target = true;
                         return Done{};
                       }});
}

void Args::option(std::string name, std::string placeholder, std::optional<std::string>& target,
                  std::string help) {
  declared_.push_back({.name = name,
                       .value = std::move(placeholder),
                       .help = std::move(help),
                       .accept = [&target, name](const std::string& word) -> Status {
                         if (word.empty()) return usage(fmt::format("{} is empty", name));
                         target = word;
                         return Done{};
                       }});
}

void Args::option(std::string name, std::string placeholder, int& target, int least, int most,
                  std::string help) {
  declared_.push_back({.name = name,
                       .value = std::move(placeholder),
                       .help = std::move(help),
                       .accept = [&target, name, least, most](const std::string& word) {
                         return accept_integer(name, word, least, most, target);
                       }});
}

void Args::option(std::string name, std::string placeholder, Seconds& target, std::string help) {
  declared_.push_back({.name = name,
                       .value = std::move(placeholder),
                       .help = std::move(help),
                       .accept = [&target, name](const std::string& word) -> Status {
                         auto duration = parse_duration(word);
                         if (!duration) return in_context(name, std::move(duration).error());
                         target = *duration;
                         return Done{};
                       }});
}

void Args::positional(std::string name, std::string& target, std::string help) {
  declared_.push_back({.name = std::move(name),
                       .help = std::move(help),
                       .required = true,
                       .accept = [&target](const std::string& word) -> Status {
                         target = word;
                         return Done{};
                       }});
}

void Args::positional(std::string name, std::optional<std::string>& target, std::string help) {
  declared_.push_back({.name = std::move(name),
                       .help = std::move(help),
                       .accept = [&target](const std::string& word) -> Status {
                         target = word;
                         return Done{};
                       }});
}

void Args::positionals(std::string name, std::vector<std::string>& target, std::string help) {
  declared_.push_back({.name = std::move(name),
                       .help = std::move(help),
                       .repeated = true,
                       .accept = [&target](const std::string& word) -> Status {
                         target.push_back(word);
                         return Done{};
                       }});
}

Status Args::parse() {
  if (describing_) return Error{ErrorKind::cancelled, "described"};
  CLI::App app;
  app.set_help_flag();  // help is ours
  app.allow_extras();
  std::vector<std::pair<const Argument*, CLI::Option*>> options;
  for (const Argument& argument : declared_) {
    if (argument.positional()) continue;
    const std::string names =
        argument.brief.empty() ? argument.name : argument.brief + "," + argument.name;
    CLI::Option* option =
        argument.value.empty() ? app.add_flag(names) : app.add_option(names)->expected(1);
    if (!argument.repeated && !argument.value.empty())
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    options.emplace_back(&argument, option);
  }
  try {
    std::vector<std::string> reversed(words_.rbegin(), words_.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return usage(error.what());
  }
  for (const auto& [argument, option] : options) {
    if (option->count() == 0) continue;
    if (argument->value.empty())
      TRY(argument->accept(""));
    else
      for (const std::string& word : option->results()) TRY(argument->accept(word));
  }

  std::vector<std::string> words = app.remaining();
  for (const std::string& word : words)
    if (word.starts_with("-") && word != "-") return unknown_option({word}, declared_);
  std::size_t next = 0;
  for (const Argument& argument : declared_) {
    if (!argument.positional()) continue;
    if (argument.required && next == words.size())
      return usage(fmt::format("{} is missing", argument.name));
    do {
      if (next == words.size()) break;
      TRY(argument.accept(words[next++]));
    } while (argument.repeated);
  }
  if (next < words.size()) return unknown_option({words[next]}, declared_);
  return after_parse_ ? after_parse_() : Status(Done{});
}

}  // namespace tidemark::cli
