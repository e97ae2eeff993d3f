import { ApiProperty } from '@nestjs/swagger';
import { RequesterView } from './nda/nda.requester.dto.js';
import { CompanyView } from './production/companies.dto.js';
import { CreatorView, InvestorView, PitchView } from './records.dto.js';

/** What pages of records have in common. */
class RecordPage {
  /** Null on the last page. */
  nextCursor!: string | null;
  /** On all pages. */
  total!: number;
}

/** Answer of `GET /admin/investors`. */
export class InvestorPage extends RecordPage {
  @ApiProperty({ type: [InvestorView] }) data!: InvestorView[];
}
/** Answer of `GET /admin/creators`. */
export class CreatorPage extends RecordPage {
  @ApiProperty({ type: [CreatorView] }) data!: CreatorView[];
}
/** Answer of `GET /admin/pitches`. */
export class PitchPage extends RecordPage {
  @ApiProperty({ type: [PitchView] }) data!: PitchView[];
}
/** Answer of `GET /admin/companies`. */
export class CompanyPage extends RecordPage {
  @ApiProperty({ type: [CompanyView] }) data!: CompanyView[];
}
/** Answer of `GET /admin/requesters`. */
export class RequesterPage extends RecordPage {
  @ApiProperty({ type: [RequesterView] }) data!: RequesterView[];
}
