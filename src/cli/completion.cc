#include <map>
#include <vector>

#include <fmt/format.h>

#include "cli/help.h"

namespace tidemark::cli {
namespace {

// Command words, with what may follow each: the second words of "schedule", the options of
// "schedule preview".
struct Words {
  std::vector<std::string> first;
  std::map<std::string, std::vector<std::string>> second;
  std::map<std::string, std::vector<Argument>> options;  // by the whole name
};

Words collect() {
  Words words;
  for (const Command* command : all_commands()) {
    const std::string name(command->name);
    const std::size_t gap = name.find(' ');
    const std::string first = name.substr(0, gap);
    if (words.first.empty() || words.first.back() != first) words.first.push_back(first);
    if (gap != std::string::npos) words.second[first].push_back(name.substr(gap + 1));
    const CommandArguments arguments = arguments_of(*command);
    for (const auto* list : {&arguments.own, &arguments.global})
      for (const Argument& argument : *list)
        if (!argument.positional()) words.options[name].push_back(argument);
  }
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string names_of(const std::vector<Argument>& options) {
  std::string text = "--help";
  for (const Argument& option : options) text += " " + option.name;
  return text;
}

std::string bash_script(const Words& words) {
  std::string text = fmt::format(
      "# bash completion for tidemark\n_tidemark() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} command=${{COMP_WORDS[1]}} words=\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then words='{}'\n  else\n    case $command in\n",
      joined(words.first));
  for (const std::string& first : words.first) {
    const auto second = words.second.find(first);
    if (second == words.second.end()) {
      text += fmt::format("      {}) words='{}' ;;\n", first, names_of(words.options.at(first)));
      continue;
    }
    text += fmt::format(
        "      {})\n        if [ \"$COMP_CWORD\" -eq 2 ]; then words='{}'\n        else\n"
        "          case ${{COMP_WORDS[2]}} in\n",
        first, joined(second->second));
    for (const std::string& word : second->second)
      text += fmt::format("            {}) words='{}' ;;\n", word,
                          names_of(words.options.at(first + " " + word)));
    text += "          esac\n        fi ;;\n";
  }
  return text +
         "    esac\n  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n}\n"
         "complete -o default -F _tidemark tidemark\n";
}

std::string fish_script(const Words& words) {
  std::string text = "# fish completion for tidemark\n";
  for (const Command* command : all_commands()) {
    const std::string name(command->name);
    const std::size_t gap = name.find(' ');
    if (gap == std::string::npos)
      text += fmt::format("complete -c tidemark -n __fish_use_subcommand -a {} -d '{}'\n", name,
                          command->summary);
    else
      text +=
          fmt::format("complete -c tidemark -n '__fish_seen_subcommand_from {}' -a {} -d '{}'\n",
                      name.substr(0, gap), name.substr(gap + 1), command->summary);
  }
  for (const auto& [first, second] : words.second)
    text += fmt::format("complete -c tidemark -n __fish_use_subcommand -a {}\n", first);
  for (const auto& [name, options] : words.options)
    for (const Argument& option : options)
      text += fmt::format("complete -c tidemark -n '__fish_seen_subcommand_from {}' {}{}\n",
                          name.substr(0, name.find(' ')),
                          option.name.starts_with("--") ? "-l " + option.name.substr(2)
                                                        : "-s " + option.name.substr(1),
                          option.value.empty() ? "" : " -r");
  return text;
}

}  // namespace

std::string completion_script(std::string_view shell) {
  const Words words = collect();
  if (shell == "bash") return bash_script(words);
  // zsh runs bash completions; its own bashcompinit says so.
  if (shell == "zsh")
    return "#compdef tidemark\nautoload -U +X bashcompinit && bashcompinit\n"
           "# mapfile is bash's; zsh splits the words itself\n" +
           [&] {
             std::string text = bash_script(words);
             const std::string from =
                 "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n";
             const std::size_t at = text.find(from);
             CHECK(at != std::string::npos);
             return text.replace(at, from.size(),
                                 "  COMPREPLY=(${(f)\"$(compgen -W \"$words\" -- "
                                 "\"$current\")\"})\n");
           }();
  if (shell == "fish") return fish_script(words);
  return "";
}

}  // namespace tidemark::cli
