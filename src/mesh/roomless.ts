/**
 * The services whose messages wait because every consumer that is known is full, as of the last try. One whose
 * consumers nobody knows is none of them: its messages wait for something else.
 */
export class Roomless {
  private readonly services = new Set<string>();

  /** @param changed told where a service comes or goes, and not at each of its messages */
  constructor(private readonly changed: () => void) {}

  note(service: string, isRoomless: boolean): void {
    if (this.services.has(service) === isRoomless) return;
    if (isRoomless) this.services.add(service);
    else this.services.delete(service);
    this.changed();
  }

  names(): readonly string[] {
    return [...this.services];
  }
}
