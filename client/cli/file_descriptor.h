// An owned file descriptor, and an event to wake a poll with. FileDescriptor is a value for one
// thread; WakeEvent::Notify is thread-safe.
#ifndef POLYSTEP_CLIENT_CLI_FILE_DESCRIPTOR_H_
#define POLYSTEP_CLIENT_CLI_FILE_DESCRIPTOR_H_

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

namespace polystep::cli {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
      Close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }  // -1: closed
  bool open() const { return fd_ >= 0; }
  void Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

class WakeEvent {
 public:
  WakeEvent() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  void Notify() {
    uint64_t one = 1;
    [[maybe_unused]] ssize_t written = ::write(fd_.get(), &one, sizeof one);
  }
  int fd() const { return fd_.get(); }

 private:
  FileDescriptor fd_;
};

}  // namespace polystep::cli

#endif  // POLYSTEP_CLIENT_CLI_FILE_DESCRIPTOR_H_
