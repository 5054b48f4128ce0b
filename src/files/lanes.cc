#include "files/lanes.h"

namespace tidemark::files {

Lanes::Lanes(int count, std::size_t waiting_max) : waiting_max_(waiting_max) {
  for (int lane = 0; lane < count; ++lane) threads_.emplace_back([this] { run(); });
}

Lanes::~Lanes() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    waiting_.clear();
  }
  changed_.notify_all();
}

void Lanes::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const Task task = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    lock.unlock();
    Status done = task();
    lock.lock();
    --running_;
    if (!done && !failure_) failure_ = std::move(done).error();
    if (failure_) waiting_.clear();
    changed_.notify_all();
  }
}

Status Lanes::add(Task task) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failure_ || waiting_.size() < waiting_max_; });
  if (failure_) return *failure_;
  waiting_.push_back(std::move(task));
  changed_.notify_all();
  return Done{};
}

Status Lanes::finish() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.empty() && running_ == 0; });
  if (failure_) return *failure_;
  return Done{};
}

}  // namespace tidemark::files
