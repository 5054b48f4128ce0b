// RawServer: a server on a loopback port whose every byte the test decides.
//
// Each connection gets the handler in a thread of its own and is closed when it returns. The
// destructor ends all connections, so a handler that reads or writes for ever ends too.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/result.h"

namespace tidemark::test {

class RawServer {
 public:
  using Handler = std::function<void(int connection)>;

  explicit RawServer(Handler handler) : handler_(std::move(handler)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* where = reinterpret_cast<sockaddr*>(&address);
    CHECK(::bind(listener_, where, size) == 0 && ::listen(listener_, 16) == 0);
    CHECK(::getsockname(listener_, where, &size) == 0);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }

  ~RawServer() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (const int connection : connections_) ::shutdown(connection, SHUT_RDWR);
    for (std::thread& thread : threads_) thread.join();
    for (const int connection : connections_) ::close(connection);
    ::close(listener_);
  }

  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  int port() const { return port_; }
  int connection_count() const { return connection_count_; }
  std::string url(std::string_view path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
  }

 private:
  void accept_all() {
    while (!stopping_) {
      const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      ++connection_count_;
      connections_.push_back(connection);
      threads_.emplace_back([this, connection] {
        handler_(connection);
        ::shutdown(connection, SHUT_RDWR);
      });
    }
  }

  Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connection_count_{0};
  std::vector<int> connections_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// False when the other side is gone.
inline bool send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

// One request with its body; empty when the other side is gone.
inline std::string read_request(int connection) {
  std::string request;
  std::size_t end = std::string::npos;
  for (;;) {
    end = request.find("\r\n\r\n");
    if (end != std::string::npos) {
      const std::size_t at = request.find("Content-Length: ");
      const std::size_t body = at < end ? std::stoul(request.substr(at + 16)) : 0;
      if (request.size() >= end + 4 + body) return request;
    }
    char buffer[4096];
    const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) return {};
    request.append(buffer, static_cast<std::size_t>(got));
  }
}

// Breaks the connection off with a reset instead of an orderly end.
inline void reset(int connection) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  // Connecting to nothing is how a socket is aborted without giving its descriptor away.
  sockaddr nothing{};
  nothing.sa_family = AF_UNSPEC;
  ::connect(connection, &nothing, sizeof nothing);
}

}  // namespace tidemark::test
