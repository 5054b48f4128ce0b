#include "aws/auth/process_credentials.h"

#include <algorithm>

#include <fmt/format.h>

#include "aws/auth/credential_json.h"
#include "base/log.h"
#include "base/process.h"
#include "base/remote_text.h"

namespace tidemark::aws {
namespace {

// One word at a time.
class CommandReader {
 public:
  explicit CommandReader(std::string_view command) : rest_(command) { skip_blanks(); }

  bool at_end() const { return rest_.empty(); }

  Result<std::string> next_word() {
    std::string word;
    while (!rest_.empty() && kBlanks.find(rest_.front()) == std::string_view::npos) {
      const char c = take();
      if (c == '\'' || c == '"') {
        TRY(read_quoted(c, word));
      } else if (c == '\\') {
        if (rest_.empty()) return open_ended("a backslash");
        word += take();
      } else {
        word += c;
      }
    }
    skip_blanks();
    return word;
  }

 private:
  static constexpr std::string_view kBlanks = " \t\r\n";

  void skip_blanks() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlanks), rest_.size()));
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  static Error open_ended(std::string_view what) {
    return Error{ErrorKind::invalid_input, fmt::format("credential_process ends in {}", what)};
  }

  // Inside double quotes a backslash protects only a quote or a backslash.
  Status read_quoted(char quote, std::string& word) {
    while (!rest_.empty()) {
      const char c = take();
      if (c == quote) return Done{};
      const bool protects = quote == '"' && c == '\\' && !rest_.empty() &&
                            (rest_.front() == '"' || rest_.front() == '\\');
      word += protects ? take() : c;
    }
    return open_ended("an open quote");
  }

  std::string_view rest_;
};

constexpr std::size_t kErrorOutputBytesShown = 300;

// The end of it, where programs say why they failed.
std::string shown_error_output(std::string_view output) {
  if (output.size() > kErrorOutputBytesShown) {
    output.remove_prefix(output.size() - kErrorOutputBytesShown);
  }
  return log::safe_text(clean_remote_text(output));
}

}  // namespace

Result<std::vector<std::string>> split_command(std::string_view command) {
  CommandReader reader(command);
  std::vector<std::string> words;
  while (!reader.at_end()) words.push_back(TRY(reader.next_word()));
  return words;
}

Result<Credentials> process_credentials(std::string_view command, const std::string& profile,
                                        const Environment& environment, Clock& clock,
                                        const StopSignal& stop) {
  const std::string origin = "credential_process of profile " + profile;
  ProcessOptions options;
  options.argv = TRY(split_command(command));
  if (options.argv.empty()) return Error{ErrorKind::denied, origin + " is empty"};
  options.environment = environment;
  options.deadline = kCredentialProcessDeadline;
  options.output_bytes_max = kCredentialJsonBytesMax;

  auto outcome = run_process(options, clock, stop);
  if (!outcome) return in_context(origin, std::move(outcome).error());
  if (outcome->exit_code != 0) {
    return Error{ErrorKind::denied,
                 fmt::format("{}: {} exited with {}: {}", origin, options.argv[0],
                             outcome->exit_code, shown_error_output(outcome->error_output)),
                 "run the command by hand, as the user that tidemark runs as"};
  }
  const Secret output(std::move(outcome->output));
  return decode_credentials(output.reveal(), CredentialJson::process, origin);
}

}  // namespace tidemark::aws
