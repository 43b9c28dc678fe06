package watch

import "time"

// announced is what the watches of an uncached resource told of. When one of them cannot go on, the next begins without a
// version, and the API server announces with it everything that there is: nothing is listed again. It says neither which
// was the last, nor what is gone since. That is whatever a whole watch did not tell of.
type announced struct {
	watches map[objectName]int // the last that told of an object
	watch   int
	began   time.Time
}

type objectName struct{ namespace, name string }

// announcing is how long a watch has to have lasted for everything to have been announced.
const announcing = time.Minute

func announce(all []*object, now time.Time) *announced {
	a := &announced{watches: make(map[objectName]int, len(all)), began: now}
	for _, o := range all {
		a.add(o)
	}
	return a
}

func (a *announced) add(o *object) { a.watches[objectName{o.namespace, o.name}] = a.watch }

func (a *announced) remove(o *object) { delete(a.watches, objectName{o.namespace, o.name}) }

// next begins with the next watch, and gives what the last one did not tell of.
func (a *announced) next(now time.Time) []*object {
	lasted := now.Sub(a.began)
	a.began = now
	if lasted < announcing {
		return nil
	}
	var gone []*object
	for o, told := range a.watches {
		if told < a.watch {
			gone = append(gone, &object{namespace: o.namespace, name: o.name})
			delete(a.watches, o)
		}
	}
	a.watch++
	return gone
}
