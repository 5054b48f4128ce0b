#include "cli/context.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "base/log.h"
#include "cli/args.h"

namespace tidemark::cli {
namespace {

// https://no-color.org, and what gh and git do.
bool wants_color(const GlobalOptions& global, const config::Environment& environment,
                 bool is_terminal) {
  const auto set = [&](const char* name) {
    const auto found = environment.find(name);
    return found != environment.end() && !found->second.empty() && found->second != "0";
  };
  if (global.color == "always") return true;
  if (global.color == "never") return false;
  if (set("NO_COLOR")) return false;
  if (set("FORCE_COLOR")) return true;
  const auto term = environment.find("TERM");
  return is_terminal && (term == environment.end() || term->second != "dumb");
}

}  // namespace

void GlobalOptions::declare(Args& args) {
  args.option("--config", "FILE", config, "read this configuration file");
  args.option("--profile", "NAME", profile, "use this profile of the AWS shared files");
  args.option("--region", "REGION", region, "use this AWS region");
  args.option("--endpoint-url", "URL", endpoint_url, "send AWS requests there");
  args.flag("--json", json, "print one JSON document on standard output");
  args.flag("--no-input", no_input, "never ask; refuse what would need an answer");
  args.flag("--read-only", read_only, "refuse everything that changes something");
  args.option("--color", "WHEN", color, "always, never or auto");
  args.option("--log-format", "FORMAT", log_format, "text or json");
  args.flag("--quiet", quiet, "log only errors");
  args.flag("--verbose", verbose, "log every call to AWS");
}

Status Context::print(std::string_view result) const {
  const std::string text = log::without_secrets(result);  // a service may quote what we sent it
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (written) return Done{};
  return Error{ErrorKind::exhausted,
               fmt::format("cannot write to standard output: {}", std::strerror(errno))};
}

report::Style Context::output_style() const {
  return report::Style(wants_color(global, environment, terminal.output_is_terminal));
}

report::Style Context::error_style() const {
  return report::Style(wants_color(global, environment, terminal.error_is_terminal));
}

}  // namespace tidemark::cli
