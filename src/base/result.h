// Result<T>: the value of an operation that can fail, or the Error that says why it did.
//
// Errors are values here, never exceptions: to retry, to skip and to abort are decisions on data.
// What a library throws is caught in the file that calls the library.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tidemark {

// What a caller may do about it. Closed: adding a kind means deciding its exit code (cli/exit_code)
// and its retry rule.
enum class ErrorKind : std::uint8_t {
  invalid_input,   // arguments or configuration; nothing was touched
  not_found,       // the named thing does not exist
  already_exists,  // a create met an older thing of that name
  denied,          // credentials missing, expired or refused
  conflict,        // it is in the wrong state, or it changed under us
  locked,          // somebody else is at it
  unavailable,     // network, throttling, failover: the only kind worth retrying
  timed_out,       // our own deadline passed; the thing may still happen
  cancelled,       // asked to stop; not a failure to report
  corrupt,         // bytes contradict their checksum or their format
  rejected,        // the service took the request and then failed it; the same again will not help
  exhausted,       // disk, quota or memory limit
  unsupported,     // a newer format, an older server, another engine
  unsafe,          // a guard refused it: doing it could lose history
};

// The kind's name as it stands in JSON and logs, e.g. "not_found".
std::string_view kind_name(ErrorKind kind);

struct Error {
  ErrorKind kind;
  std::string message;    // lower case, no full stop, names its object: "snapshot x is deleted"
  std::string hint = {};  // one sentence that tells the operator what to do, or empty
  std::string code = {};  // the service's own error code ("DBSnapshotAlreadyExists"), or empty
};

// The error with what was being done put before it: "source orders: no such instance".
Error in_context(std::string_view what, Error error);

template <class T>
class [[nodiscard]] Result {
 public:
  using Value = T;

  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const noexcept { return state_.index() == 0; }
  const T& operator*() const& { return std::get<0>(state_); }
  T& operator*() & { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  const T* operator->() const { return &std::get<0>(state_); }
  T* operator->() { return &std::get<0>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};  // the value of an operation that has none
using Status = Result<Done>;

// Drops a result on purpose, with the reason for whoever searches for it.
template <class T>
void discard(const Result<T>&, std::string_view /*reason*/) {}

// Ends the process when an invariant of ours is broken: never go on with a backup that we do not
// understand.
[[noreturn]] void broken_invariant(const char* expression, const char* file, int line);

}  // namespace tidemark

// Yields the value of expr, or hands its error to our own caller.
#define TRY(expr)                                          \
  __extension__({                                          \
    auto try_result = (expr);                              \
    if (!try_result) return std::move(try_result).error(); \
    *std::move(try_result);                                \
  })

#define CHECK(condition) \
  ((condition) ? void() : ::tidemark::broken_invariant(#condition, __FILE__, __LINE__))
