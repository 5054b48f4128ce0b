// What main() hands to a command: the outside world, and the options that every command takes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "config/config.h"
#include "net/http.h"
#include "report/style.h"

namespace tidemark::cli {

class Args;

struct GlobalOptions {
  std::optional<std::string> config;
  std::optional<std::string> profile;
  std::optional<std::string> region;
  std::optional<std::string> endpoint_url;
  std::optional<std::string> color;       // always, never or auto
  std::optional<std::string> log_format;  // text or json
  bool json = false;
  bool no_input = false;
  bool read_only = false;
  bool quiet = false;
  bool verbose = false;

  void declare(Args& args);
};

struct Terminal {
  bool input_is_terminal = false;
  bool output_is_terminal = false;
  bool error_is_terminal = false;
};

// Everything borrowed outlives the command.
struct Context {
  const config::Environment& environment;
  Clock& clock;
  const StopSignal& stop;
  net::HttpTransport& transport;
  Terminal terminal;
  GlobalOptions global = {};

  // Standard output: the result, and nothing else. Fails when it cannot be written (a full disk, a
  // closed pipe): a result that nobody got is not a success.
  Status print(std::string_view result) const;

  report::Style output_style() const;
  report::Style error_style() const;
};

}  // namespace tidemark::cli
