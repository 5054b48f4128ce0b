// ScriptedTransport: answers each request with the next answer of a script, and remembers it.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"

namespace tidemark::test {

class ScriptedTransport final : public net::HttpTransport {
 public:
  using Answer = std::function<Result<net::HttpResponse>(const net::HttpRequest&)>;

  Result<net::HttpResponse> send(const net::HttpRequest& request) override {
    requests.push_back(request);
    if (before_each) before_each();
    if (script.empty()) {
      if (otherwise) return otherwise(request);
      return Error{ErrorKind::rejected, "the script of this test has no more answers"};
    }
    const Answer answer = std::move(script.front());
    script.pop_front();
    return answer(request);
  }

  ScriptedTransport& then(int status, std::string body, net::Headers headers = {}) {
    net::HttpResponse response{status, std::move(headers), std::move(body)};
    script.push_back([response](const net::HttpRequest&) { return response; });
    return *this;
  }
  ScriptedTransport& then(ErrorKind kind, std::string message = "as the script says") {
    script.push_back([error = Error{kind, std::move(message)}](const net::HttpRequest&) {
      return Result<net::HttpResponse>(error);
    });
    return *this;
  }
  ScriptedTransport& then(Answer answer) {
    script.push_back(std::move(answer));
    return *this;
  }

  std::deque<Answer> script;
  Answer otherwise;                   // when the script is at its end
  std::function<void()> before_each;  // time passes, for example
  std::vector<net::HttpRequest> requests;
};

}  // namespace tidemark::test
