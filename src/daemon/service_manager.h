// Tells systemd how we are, by the protocol of sd_notify(3).
#pragma once

#include <string>
#include <string_view>

namespace tidemark::daemon {

class ServiceManager {
 public:
  // The value of NOTIFY_SOCKET, or empty: then nobody is told.
  explicit ServiceManager(std::string socket_path) : socket_path_(std::move(socket_path)) {}

  // assignments: "READY=1\nSTATUS=...". A manager that does not listen is not our failure.
  void tell(std::string_view assignments) const;

 private:
  std::string socket_path_;
};

}  // namespace tidemark::daemon
