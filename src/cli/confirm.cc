#include "cli/confirm.h"

#include <cstdio>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

namespace tidemark::cli {
namespace {

constexpr std::size_t kAnswerBytesMax = 256;

// One line, or as much as comes before the end of the input or the stop.
Result<std::string> read_answer(const StopSignal& stop) {
  std::string answer;
  while (answer.size() < kAnswerBytesMax) {
    pollfd wakes[2] = {{0, POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    ::poll(wakes, 2, -1);
    if (stop.requested()) return stopped();
    char byte = 0;
    if (::read(0, &byte, 1) != 1 || byte == '\n') break;
    answer += byte;
  }
  return answer;
}

}  // namespace

Status confirm(const Context& context, bool yes, const std::string& what, const std::string& word) {
  if (yes) return Done{};
  if (context.global.json)
    return Error{ErrorKind::unsafe, fmt::format("with --json nobody is shown {} to agree to", what),
                 "look at the plan with --dry-run, then add --yes"};
  if (!context.terminal.input_is_terminal || context.global.no_input)
    return Error{ErrorKind::unsafe, fmt::format("nobody is there to agree to {}", what),
                 "read the plan above (--dry-run shows it alone) and add --yes"};
  fmt::print(stderr, "Type {} to start {}: ", word, what);
  std::fflush(stderr);
  if (TRY(read_answer(context.stop)) == word) return Done{};
  return Error{ErrorKind::unsafe, fmt::format("{} was not started", what), "nothing was changed"};
}

}  // namespace tidemark::cli
