// The composition root: the only place that builds concrete objects and touches the process.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/dispatch.h"
#include "cli/exit_code.h"
#include "net/curl_transport.h"
#include "report/text.h"

namespace {

using namespace tidemark;

config::Environment read_environment() {
  config::Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos)
      environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

// Whoever wants these has them as a value: libpq would look at them by itself, and connect to
// another server than the one it is told.
void forget_libpq_variables(const config::Environment& environment) {
  for (const auto& [name, value] : environment)
    if (name.starts_with("PG")) ::unsetenv(name.c_str());
}

// Secrets pass through our memory: no core file, and no debugger of another user.
void keep_memory_private() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

net::CurlOptions transport_options(const config::Environment& environment) {
  net::CurlOptions options;
  if (const auto bundle = environment.find("AWS_CA_BUNDLE"); bundle != environment.end())
    options.ca_bundle = bundle->second;
  options.user_agent = "tidemark/" TIDEMARK_VERSION;
  return options;
}

int run(int argc, char** argv) {
  keep_memory_private();
  static StopSignal stop;  // a signal handler refers to it
  stop_on_signals(stop);
  const config::Environment environment = read_environment();
  forget_libpq_variables(environment);
  SystemClock clock(stop);
  const auto transport = net::CurlTransport::open(transport_options(environment), stop);
  const cli::Terminal terminal{.input_is_terminal = ::isatty(0) == 1,
                               .output_is_terminal = ::isatty(1) == 1,
                               .error_is_terminal = ::isatty(2) == 1};
  if (!transport) {
    const std::string text = report::error_text(transport.error(), report::Style(false));
    std::fputs(text.c_str(), stderr);
    return cli::exit_status(transport.error(), 0);
  }
  cli::Context context{.environment = environment,
                       .clock = clock,
                       .stop = stop,
                       .transport = **transport,
                       .terminal = terminal};
  return cli::dispatch(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), context);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "bug: %s\n", exception.what());
  } catch (...) {
    std::fprintf(stderr, "bug: an unknown exception\n");
  }
  return static_cast<int>(cli::ExitCode::bug);
}
