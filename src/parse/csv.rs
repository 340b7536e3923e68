//! stub
use crate::{diagnostic::Diagnostic, model::Table, tape::Tape, workspace::SourceId};
/// stub
pub struct Layout;
impl Layout { /// stub
pub fn new(_t:&Table,_p:&[usize],_s:SourceId,_b:u64,_h:&str,_d:&mut Vec<Diagnostic>)->Option<Self>{None} }
/// stub
pub struct ChildRows;
impl ChildRows { /// stub
pub fn new(_t:&Table)->Self{Self} /// s
pub fn claims(&self,_s:&str)->bool{false} /// s
pub fn add(&mut self,_t:&Table,_s:SourceId,_b:u64,_st:&str,_x:&str,_d:&mut Vec<Diagnostic>){} /// s
pub fn finish(&mut self,_d:&mut Vec<Diagnostic>){} /// s
pub fn orphans(&self,_d:&mut Vec<Diagnostic>){} }
/// s
pub fn header_length(_b:&[u8])->usize{0}
/// s
pub fn last_row_end(_b:&[u8])->usize{0}
/// s
pub fn rows(_t:&mut Tape,_l:&Layout,_c:&ChildRows,_d:&mut Vec<Diagnostic>){}
