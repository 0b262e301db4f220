import type { Neighbours } from './neighbours.js';
import type { OtherWay } from './liveness.js';
import { neighbourOf } from './offer-choice.js';
import type { Routes } from './routes.js';
import type { WayBack } from './way-back.js';

/**
 * Tells whether what was asked of a neighbour could be asked of another: an offer, where another neighbour leads to the
 * service; what travels home, where another way to the producer's store is known. All else concerns the neighbour itself.
 */
export function otherWays(consumers: Routes, neighbours: Neighbours, wayBack: WayBack): OtherWay {
  return (verb, neighbour) => {
    switch (verb.verb) {
      case 'offer':
        return consumers.ofService(verb.service).some((route) => {
          const key = neighbourOf(route);
          return route.direction !== 'local' && key !== neighbour.key && !neighbours.isSuspect(key);
        });
      case 'read':
      case 'taken':
      case 'renew':
      case 'reply':
        return wayBack.canAvoid(neighbour, verb.path);
      case 'announce':
      case 'advertise':
      case 'vacancy':
      case 'confirm':
      case 'probe':
      case 'recall':
        return false;
    }
  };
}
