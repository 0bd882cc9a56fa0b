/* What Debian's libstdc++ and libgcc want of glibc and musl 1.2.3 does not have. For running the musl executables where no
   libstdc++ for musl is at hand; nothing of this ships. */
#include <stddef.h>

char __libc_single_threaded = 0;
unsigned char __cpu_model[64];

extern long getrandom(void *, size_t, unsigned);
extern unsigned long getauxval(unsigned long);
extern size_t strftime_l(char *, size_t, const char *, const void *, void *);

unsigned long __getauxval(unsigned long type) { return getauxval(type); }
int __cpu_indicator_init(void) { return 0; }
int _dl_find_object(void *address, void *result) { return -1; }
int __cxa_thread_atexit_impl(void (*function)(void *), void *object, void *handle) { return 0; }

unsigned arc4random(void) {
  unsigned number;
  getrandom(&number, sizeof number, 0);
  return number;
}

size_t __strftime_l(char *to, size_t size, const char *format, const void *time, void *locale) {
  return strftime_l(to, size, format, time, locale);
}
