// Lanes: tasks on several threads, with a bound on how many wait.
//
// A task that fails ends all: those that wait are dropped, and add() and finish() fail as it did.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/result.h"

namespace tidemark::files {

class Lanes {
 public:
  using Task = std::function<Status()>;

  Lanes(int count, std::size_t waiting_max);
  ~Lanes();
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  // Waits for room.
  Status add(Task task);
  // Waits until all have run.
  Status finish();

 private:
  void run();

  const std::size_t waiting_max_;
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::deque<Task> waiting_;
  std::size_t running_ = 0;
  bool ending_ = false;
  std::optional<Error> failure_;
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace tidemark::files
