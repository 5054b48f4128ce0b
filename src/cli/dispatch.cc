#include "cli/dispatch.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/edit_distance.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "report/json.h"
#include "report/text.h"

namespace tidemark::cli {
namespace {

// Options that every command takes may stand before its name.
std::size_t skip_options(const std::vector<std::string>& words, std::size_t at) {
  Args global = Args::for_description();
  GlobalOptions options;
  options.declare(global);
  while (at < words.size() && words[at].starts_with("-")) {
    const auto known =
        std::find_if(global.declared().begin(), global.declared().end(),
                     [&](const Argument& argument) { return argument.name == words[at]; });
    const bool takes_value = known != global.declared().end() && !known->value.empty();
    at += takes_value ? 2 : 1;
  }
  return std::min(at, words.size());
}

// Finds the command and takes its name out of the words; nullptr when there is none.
const Command* take_command(std::vector<std::string>& words) {
  const std::size_t first = skip_options(words, 0);
  if (first == words.size()) return nullptr;
  const std::size_t second = skip_options(words, first + 1);
  for (const Command* command : all_commands()) {
    const bool two_words = command->name.find(' ') != std::string_view::npos;
    if (two_words && second == words.size()) continue;
    const std::string typed = two_words ? words[first] + " " + words[second] : words[first];
    if (typed != command->name) continue;
    if (two_words) words.erase(words.begin() + static_cast<std::ptrdiff_t>(second));
    words.erase(words.begin() + static_cast<std::ptrdiff_t>(first));
    return command;
  }
  return nullptr;
}

Error no_such_command(const std::vector<std::string>& words) {
  const std::size_t first = skip_options(words, 0);
  if (first == words.size())
    return Error{ErrorKind::invalid_input, "no command was given", "`tidemark --help` lists them"};
  std::vector<std::string> known;
  std::string group;
  for (const Command* command : all_commands()) {
    known.emplace_back(command->name);
    if (command->name.starts_with(words[first] + " "))
      group += fmt::format("{}{}", group.empty() ? "" : ", ", command->name);
  }
  if (!group.empty())
    return Error{ErrorKind::invalid_input, fmt::format("'{}' needs a second word", words[first]),
                 fmt::format("there is: {}", group)};
  const auto meant = nearest_word(words[first], known);
  return Error{
      ErrorKind::invalid_input, fmt::format("there is no command '{}'", words[first]),
      meant ? fmt::format("did you mean `tidemark {}`?", *meant) : "`tidemark --help` lists them"};
}

Status check_global(const GlobalOptions& global) {
  if (global.color && global.color != "always" && global.color != "never" && global.color != "auto")
    return Error{ErrorKind::invalid_input, fmt::format("--color is '{}'", *global.color),
                 "choose always, never or auto"};
  if (global.log_format && global.log_format != "text" && global.log_format != "json")
    return Error{ErrorKind::invalid_input, fmt::format("--log-format is '{}'", *global.log_format),
                 "choose text or json"};
  return Done{};
}

std::string setting(const Context& context, const std::optional<std::string>& given,
                    const std::string& variable) {
  if (given) return *given;
  const auto found = context.environment.find(variable);
  return found == context.environment.end() ? "" : found->second;
}

void configure_log(const Context& context) {
  const std::string level = setting(context, std::nullopt, "TIDEMARK_LOG_LEVEL");
  log::Level least = log::Level::info;
  if (context.global.quiet || level == "error") least = log::Level::error;
  if (level == "warning") least = log::Level::warning;
  if (context.global.verbose || level == "debug") least = log::Level::debug;
  const bool json = setting(context, context.global.log_format, "TIDEMARK_LOG_FORMAT") == "json";
  log::configure(least, json ? log::Format::json : log::Format::text);
}

void report_error(const Context& context, const Error& error, int status) {
  Error safe = error;
  safe.message = log::safe_lines(error.message);
  safe.hint = log::safe_lines(error.hint);
  std::string text = report::error_text(safe, context.error_style());
  if (context.global.json) {
    auto document = report::document("exit_error");
    document["exit_code"] = status;
    document["error"] = report::error_json(safe);
    text = report::json_line(document);
  }
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool asks_for_help(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

int print_help(const Context& context, const std::string& text) {
  const Status printed = context.print(text);
  return printed ? 0 : exit_status(printed.error(), 0);
}

}  // namespace

CommandArguments arguments_of(const Command& command) {
  GlobalOptions options;
  Args global = Args::for_description();
  options.declare(global);

  // The command never comes further than its declarations, so it needs no world.
  Args own = Args::for_description();
  const config::Environment nothing;
  const StopSignal stop;
  SystemClock clock(stop);
  struct NoTransport final : net::HttpTransport {
    Result<net::HttpResponse> send(const net::HttpRequest&) override { return stopped(); }
  } transport;
  Context context{
      .environment = nothing, .clock = clock, .stop = stop, .transport = transport, .terminal = {}};
  const auto described = command.run(own, context);
  CHECK(!described && described.error().kind == ErrorKind::cancelled);
  return {own.declared(), global.declared()};
}

int dispatch(std::vector<std::string> words, Context& context) {
  const Command* command = take_command(words);
  if (asks_for_help(words) || (command == nullptr && words.empty()))
    return print_help(context, command == nullptr ? overview_help() : command_help(*command));
  if (command == nullptr && words.front() == "--version") {
    words.clear();
    command = &kVersionCommand;
  }
  const auto fail = [&](const Error& error) {
    const int status = exit_status(error, context.stop.signal_number());
    report_error(context, error, status);
    return status;
  };
  if (command == nullptr) return fail(no_such_command(words));

  Args args(std::move(words));
  context.global.declare(args);
  args.after_parse([&context]() -> Status {
    TRY(check_global(context.global));
    configure_log(context);
    return Done{};
  });
  const auto outcome = command->run(args, context);
  if (!outcome) return fail(outcome.error());
  return static_cast<int>(*outcome);
}

}  // namespace tidemark::cli
