#include "base/follower.h"

namespace tidemark {

Follower::~Follower() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status Follower::outcome() const {
  if (failure_) return *failure_;
  return Done{};
}

Status Follower::add(Task task) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return waiting_.size() < waiting_max_ || failure_; });
  TRY(outcome());
  waiting_.push_back(std::move(task));
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  changed_.notify_all();
  return Done{};
}

Status Follower::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return (waiting_.empty() && !busy_) || failure_; });
  return outcome();
}

void Follower::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return !waiting_.empty() || ending_; });
    if (waiting_.empty()) return;
    const Task task = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    changed_.notify_all();
    const Status done = task();
    lock.lock();
    busy_ = false;
    if (!done) {
      failure_ = done.error();
      waiting_.clear();
    }
    changed_.notify_all();
  }
}

}  // namespace tidemark
