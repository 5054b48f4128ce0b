// Follower: runs tasks one after the other on a thread of its own, so that whoever makes them need
// not wait for each.
//
//   Follower follower(2);
//   TRY(follower.add([&] { return store(chunk); }));
//   TRY(follower.finish());
//
// The thread starts with the first task and ends with the object. What a task captures has to
// outlive it: the destructor drops those that wait, and waits for the one that runs.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/result.h"

namespace tidemark {

class Follower {
 public:
  using Task = std::function<Status()>;

  // waiting_max: of the tasks that have not begun; at least 1.
  explicit Follower(std::size_t waiting_max) : waiting_max_(waiting_max) {}
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // Waits for room. Fails as the first task that failed did; those after it are not run.
  Status add(Task task);

  // Waits until all have run. Fails as add does. What they wrote can be read after it.
  Status finish();

 private:
  void run();
  Status outcome() const;

  const std::size_t waiting_max_;
  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  std::deque<Task> waiting_;
  std::optional<Error> failure_;
  bool busy_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tidemark
