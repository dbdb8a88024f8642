/* How many processor cores there are to compute on. */
#ifndef BASE_CORES_H
#define BASE_CORES_H

/* The cores that this process may run on, hardware threads of one core counted once (two of them share its arithmetic
 * units, so a second thread there gains next to nothing). At least 1. */
int cores_count(void);

#endif
